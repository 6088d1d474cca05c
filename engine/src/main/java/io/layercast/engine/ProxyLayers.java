package io.layercast.engine;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.cluster.sharding.typed.ClusterShardingSettings;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The layers of the cluster as one of its proxies reaches them: own ones and other proxies'. */
public final class ProxyLayers {
  private static final Opened EVICTED = new Unavailable("the layer has just gone from this proxy");

  private final ClusterSharding sharding;
  private final ProxyNode node;
  private final Duration openTimeout;

  private ProxyLayers(ClusterSharding sharding, ProxyNode node) {
    this.sharding = sharding;
    this.node = node;
    this.openTimeout = node.settings().layer().openTimeout();
  }

  /** Starts this proxy's share of the layer actors. Once for an actor system, a cluster member. */
  public static ProxyLayers create(ActorSystem<?> system, ProxyNode node) {
    ClusterSharding sharding = ClusterSharding.get(system);
    sharding.init(
        Entity.of(
                LayerBlob.KEY,
                entity ->
                    LayerBlob.create(node, Digest.of(entity.getEntityId()), entity.getShard()))
            .withRole(node.settings().layer().role())
            .withStopMessage(LayerBlob.Stop.INSTANCE)
            .withSettings(
                ClusterShardingSettings.create(system)
                    .withRole(node.settings().layer().role())
                    .withNoPassivationStrategy()));
    var _ =
        system.systemActorOf(
            Holders.create(node.blobs(), node.apiAddress()), "layer-holders", Props.empty());
    return new ProxyLayers(sharding, node);
  }

  /** Where a caller finds a layer. */
  public sealed interface Opened {}

  /** On this node: its news and bytes are the blob's, its swarm the ticket's. */
  public record Here(LiveBlob blob, LayerTicket ticket) implements Opened {}

  /** On the proxy with this API address, host:port: send the caller there. */
  public record Elsewhere(String apiAddress) implements Opened {}

  /** The blob is known, this caller's right to it is not: ask the origin, then open as granted. */
  public record NeedsConsent() implements Opened {}

  /** The origin's no to this caller. */
  public record Refused(Refusal refusal) implements Opened {}

  /** Nobody has it and it could not be fetched. */
  public record Unavailable(String cause) implements Opened {}

  /** The origin does not tell its length: relay it. */
  public record Unsized() implements Opened {}

  /**
   * Asks for a layer on behalf of one caller; begins to fetch it when no proxy has it. Never fails.
   *
   * @param knownSize a hint, as from a manifest; the origin's word wins
   * @param granted whether the origin has consented to this caller for this digest
   */
  public CompletionStage<Opened> open(
      OriginAccess access, Digest digest, OptionalLong knownSize, boolean granted) {
    var own = node.blobs().find(digest).filter(LiveBlobs.Hosted::isWhole);
    if (own.isPresent()) { // needs no cluster
      return CompletableFuture.completedStage(
          granted ? new Here(own.get().blob(), own.get().ticket()) : new NeedsConsent());
    }
    return ask(access, digest, knownSize, granted)
        .thenCompose(opened ->
            opened.equals(EVICTED)
                ? ask(access, digest, knownSize, granted) // the entity knows by now and looks anew
                : CompletableFuture.completedStage(opened))
        .exceptionally(failure ->
            new Unavailable("tried to open the layer, but failed because " + failure.getMessage()));
  }

  private CompletionStage<Opened> ask(
      OriginAccess access, Digest digest, OptionalLong knownSize, boolean granted) {
    return sharding
        .entityRefFor(LayerBlob.KEY, digest.toString())
        .<LayerBlob.Answer>ask(
            replyTo -> new LayerBlob.Open(access, knownSize, granted, replyTo), openTimeout)
        .thenApply(answer -> opened(digest, answer));
  }

  private Opened opened(Digest digest, LayerBlob.Answer answer) {
    return switch (answer) {
      case LayerBlob.Held held when held.apiAddress().equals(node.apiAddress()) ->
          node.blobs()
              .find(digest)
              .<Opened>map(own -> new Here(own.blob(), own.ticket()))
              .orElse(EVICTED);
      case LayerBlob.Held held -> new Elsewhere(held.apiAddress());
      case LayerBlob.NeedsConsent _ -> new NeedsConsent();
      case LayerBlob.Refused refused -> new Refused(refused.refusal());
      case LayerBlob.Unavailable unavailable -> new Unavailable(unavailable.cause());
      case LayerBlob.Unsized _ -> new Unsized();
    };
  }
}
