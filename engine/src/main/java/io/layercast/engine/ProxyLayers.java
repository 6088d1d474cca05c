package io.layercast.engine;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.cluster.sharding.typed.ClusterShardingSettings;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/** The layers of the cluster as one of its proxies reaches them: own ones and other proxies'. */
public final class ProxyLayers {
  private static final Opened EVICTED = new Unavailable("the layer has just gone from this proxy");

  private final ClusterSharding sharding;
  private final ProxyNode node;
  private final Duration openTimeout;
  private final Duration openRepeat;

  private ProxyLayers(ClusterSharding sharding, ProxyNode node) {
    this.sharding = sharding;
    this.node = node;
    this.openTimeout = node.settings().layer().openTimeout();
    this.openRepeat = node.settings().layer().openRepeat();
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

  /** Granted, but the proxy that handles it cannot keep it: relay it from the origin. */
  public record Relayed(OptionalLong sizeBytes) implements Opened {}

  /**
   * Asks for a layer on behalf of one caller; begins to fetch it when no proxy has it. Never fails.
   *
   * @param knownSize a hint, as from a manifest; the origin's word wins
   * @param granted whether the origin has consented to this caller for this digest
   * @param held a piece the caller's node says it knows of: with a genuine proof a sign that
   *     another proxy had begun to fetch the layer
   */
  public CompletionStage<Opened> open(
      OriginAccess access,
      Digest digest,
      OptionalLong knownSize,
      boolean granted,
      Optional<LayerNews.PieceKnown> held) {
    var own = node.blobs().find(digest).filter(LiveBlobs.Hosted::isWhole);
    if (own.isPresent()) { // needs no cluster
      return CompletableFuture.completedStage(
          granted ? new Here(own.get().blob(), own.get().ticket()) : new NeedsConsent());
    }
    return openAt(access, digest, knownSize, granted, held)
        .thenCompose(opened ->
            opened.equals(EVICTED) // the entity knows by now and looks anew
                ? openAt(access, digest, knownSize, granted, held)
                : CompletableFuture.completedStage(opened))
        .exceptionally(failure ->
            new Unavailable("tried to open the layer, but failed because " + failure.getMessage()));
  }

  private CompletionStage<Opened> openAt(
      OriginAccess access,
      Digest digest,
      OptionalLong knownSize,
      boolean granted,
      Optional<LayerNews.PieceKnown> held) {
    String id = UUID.randomUUID().toString();
    return ask(
            digest,
            replyTo -> new LayerBlob.Open(id, access, knownSize, granted, held, replyTo),
            System.nanoTime() + openTimeout.toNanos())
        .thenApply(answer -> opened(digest, answer));
  }

  /** A message may get lost while the actor moves: the same one is sent again and again. */
  private CompletionStage<LayerBlob.Answer> ask(
      Digest digest,
      akka.japi.function.Function<ActorRef<LayerBlob.Answer>, LayerBlob.Command> question,
      long deadlineNanos) {
    return sharding
        .entityRefFor(LayerBlob.KEY, digest.toString())
        .ask(question, openRepeat)
        .exceptionallyCompose(failure ->
            failure instanceof TimeoutException && System.nanoTime() - deadlineNanos < 0
                ? ask(digest, question, deadlineNanos)
                : CompletableFuture.failedStage(failure));
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
      case LayerBlob.Relayed relayed -> new Relayed(relayed.sizeBytes());
    };
  }
}
