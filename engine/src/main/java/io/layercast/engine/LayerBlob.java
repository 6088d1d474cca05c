package io.layercast.engine;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Decides for one digest, once in the cluster, where its bytes are: here, on another proxy, or
 * first to be fetched from the origin by a {@link LayerIngest}. Owns no bytes: they are a {@link
 * LiveBlob} of the node and stay when this stops. See ADR 3.
 */
final class LayerBlob extends AbstractOnMessageBehavior<LayerBlob.Command> {
  static final EntityTypeKey<Command> KEY = EntityTypeKey.create(Command.class, "layer-blob");

  /** One fetch and one more: an origin that sends wrong bytes twice has them wrong. */
  private static final int GENERATIONS_MAX = 2;

  sealed interface Command {}

  /**
   * Where is the blob for this caller?
   *
   * @param granted whether the origin has consented to this caller for this digest
   * @param id of the question: asked again, it stands in for the one before
   * @param held a piece that the caller's node says it knows of
   */
  record Open(
      String id,
      OriginAccess access,
      OptionalLong knownSize,
      boolean granted,
      Optional<LayerNews.PieceKnown> held,
      ActorRef<Answer> replyTo)
      implements Command, CborSerializable {}

  private record LookedUp(Optional<LiveBlobs.Hosted> found, @Nullable Throwable failure)
      implements Command {}

  private record Searched(HolderSearch.Found found) implements Command {}

  private record Ingested(LayerIngest.Told told) implements Command {}

  private record IngestStopped(ActorRef<LayerIngest.Command> stopped) implements Command {}

  /** What was stored of a blob that cannot be kept has gone. */
  private enum Evicted implements Command {
    INSTANCE
  }

  private enum ForgetFailure implements Command {
    INSTANCE
  }

  private enum Idle implements Command {
    INSTANCE
  }

  /** The shard moves or the entity asked to be passivated. */
  enum Stop implements Command {
    INSTANCE
  }

  /** What an {@link Open} is told. */
  sealed interface Answer extends CborSerializable {}

  /** It is with the proxy whose API this address names. */
  record Held(String apiAddress) implements Answer {}

  record NeedsConsent() implements Answer {}

  record Refused(Refusal refusal) implements Answer {}

  record Unavailable(String cause) implements Answer {}

  /** Granted, but it cannot be kept on the proxy that handles it. */
  record Relayed(OptionalLong sizeBytes) implements Answer {}

  private enum Phase {
    /** Nobody has asked yet, or the last ingest came to nothing. */
    IDLE,
    /** Looks in the own store, then asks the other proxies. */
    LOOKING,
    /** The origin was asked; whether it consents is not known yet. */
    STARTING,
    /** The blob is on this node, whole or growing. */
    HERE,
    /** Of unknown length or without room on this disk: goes past the store. */
    UNKEPT,
    /** The origin's bytes were wrong twice. */
    FAILED
  }

  private final TimerScheduler<Command> timers;
  private final ProxyNode node;
  private final Digest digest;
  private final ActorRef<ClusterSharding.ShardCommand> shard;
  private final Deque<Open> waiting = new ArrayDeque<>();
  private Phase phase = Phase.IDLE;
  private String failure = "";
  private OptionalLong unkeptSize = OptionalLong.empty();
  private int generation;
  private int generationsTried;

  /** Other proxies with some of its pieces. */
  private List<Holders.Holding> parts = List.of();

  /** Somebody holds pieces that this incarnation has not fetched. */
  private boolean isTakeOver;

  private @Nullable OriginAccess lastAccess;

  /** On whose behalf the origin was asked for its consent. */
  private @Nullable OriginAccess askedAs;

  private Optional<LiveBlobs.Hosted> hosted = Optional.empty();
  private @Nullable ActorRef<LayerIngest.Command> ingest;

  private LayerBlob(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ProxyNode node,
      Digest digest,
      ActorRef<ClusterSharding.ShardCommand> shard) {
    super(context);
    context.setLoggerName(LayerBlob.class); // else a timer that comes first makes it Akka's
    this.timers = timers;
    this.node = node;
    this.digest = digest;
    this.shard = shard;
    context.setReceiveTimeout(node.settings().layer().idleTimeout(), Idle.INSTANCE);
  }

  static Behavior<Command> create(
      ProxyNode node, Digest digest, ActorRef<ClusterSharding.ShardCommand> shard) {
    return Behaviors.setup(context ->
        Behaviors.withTimers(timers -> new LayerBlob(context, timers, node, digest, shard)));
  }

  @Override
  public Behavior<Command> onMessage(Command command) {
    switch (command) {
      case Open open -> onOpen(open);
      case LookedUp lookedUp -> onLookedUp(lookedUp);
      case Searched searched -> onSearched(searched.found());
      case Ingested ingested -> onIngested(ingested.told());
      case IngestStopped gone -> onIngestStopped(gone.stopped());
      case Evicted _ -> forgetLater();
      case ForgetFailure _ -> phase = Phase.IDLE;
      case Idle _ -> onIdle();
      case Stop _ -> {
        return onStop();
      }
    }
    return this;
  }

  private void onOpen(Open open) {
    open.held().ifPresent(held -> heed(held, open.access()));
    waiting.removeIf(asked -> asked.id().equals(open.id()));
    switch (phase) {
      case IDLE -> {
        waiting.add(open);
        phase = Phase.LOOKING;
        look();
      }
      case LOOKING -> waiting.add(open);
      case STARTING -> {
        waiting.add(open);
        offerAccess(open.access());
      }
      case HERE -> {
        if (isEvicted()) {
          hosted = Optional.empty();
          phase = Phase.IDLE;
          onOpen(open);
          return;
        }
        offerAccess(open.access());
        if (isRejected()) {
          waiting.add(open); // for the next generation
        } else {
          answer(open);
          repair(open.access());
        }
      }
      case UNKEPT -> answerUnkept(open);
      case FAILED -> open.replyTo().tell(new Unavailable(failure));
    }
  }

  /** A genuine piece that is not known here was fetched by an incarnation before this one. */
  private void heed(LayerNews.PieceKnown held, OriginAccess access) {
    if (held.index() < 0 || !HeldIntake.isGenuine(digest, held, node.tickets().keys())) {
      getContext()
          .getLog()
          .warn(
              "a caller for {} says its node knows of piece {}, whose proof this cluster has not made",
              access.repository(),
              held.index());
      return;
    }
    boolean isSealed =
        hosted.filter(here -> here.blob().state() == SharedBlob.State.SEALED).isPresent();
    boolean isKnown =
        held.generation() == generation
            && hosted.filter(here -> here.blob().knows(held.index())).isPresent();
    if (isSealed || isKnown || held.generation() < generation) {
      return;
    }
    isTakeOver = true;
    if (held.generation() > generation) {
      startOver(held.generation(), access);
    } else if (ingest != null) {
      ingest.tell(LayerIngest.PeersHold.INSTANCE);
    }
  }

  /** The cluster has got to a later generation than this incarnation knew. */
  private void startOver(int later, OriginAccess access) {
    getContext().getLog().info("{} has got to generation {} before", digest, later);
    generation = later;
    if (ingest != null) {
      getContext().stop(ingest);
    }
    hosted.ifPresent(node.blobs()::drop);
    hosted = Optional.empty();
    if (ingest != null) {
      phase = Phase.STARTING;
      Open first = waiting.peek();
      begin(first == null ? access : first.access(), OptionalLong.empty());
    }
  }

  /** This node has made room for others since. */
  private boolean isEvicted() {
    return ingest == null && hosted.filter(here -> here.blob().isClosed()).isPresent();
  }

  private boolean isRejected() {
    return hosted.filter(here -> here.blob().state() == SharedBlob.State.REJECTED).isPresent();
  }

  private void offerAccess(OriginAccess access) {
    lastAccess = access;
    if (ingest != null) {
      ingest.tell(new LayerIngest.UseAccess(access));
    }
  }

  private void answer(Open open) {
    open.replyTo().tell(open.granted() ? new Held(node.apiAddress()) : new NeedsConsent());
  }

  /** A whole blob that the disk has lost pieces of is filled again. */
  private void repair(OriginAccess access) {
    boolean hasLost = hosted.isPresent() && !hosted.get().blob().isComplete();
    if (ingest == null && hasLost) {
      begin(access, OptionalLong.empty());
    }
  }

  private void look() {
    getContext()
        .pipeToSelf(
            node.onDisk(() -> node.blobs().findStored(digest, node.tickets())),
            (found, failed) -> new LookedUp(found == null ? Optional.empty() : found, failed));
  }

  private void onLookedUp(LookedUp lookedUp) {
    if (lookedUp.failure() != null) {
      getContext().getLog().warn("tried to open {}, but failed", digest, lookedUp.failure());
    }
    hosted = lookedUp.found();
    generation = Math.max(generation, hosted.map(here -> here.ticket().generation()).orElse(0));
    if (hosted.filter(LiveBlobs.Hosted::isWhole).isPresent()) {
      phase = Phase.HERE;
      answerAll();
    } else {
      getContext()
          .spawnAnonymous(
              HolderSearch.create(
                  digest,
                  node.settings().layer().holdersTimeout(),
                  getContext().messageAdapter(HolderSearch.Found.class, Searched::new)));
    }
  }

  private void onSearched(HolderSearch.Found found) {
    if (found.wholeAt().isPresent()) {
      phase = Phase.IDLE; // asked anew next time: that proxy may be gone by then
      Answer there = new Held(found.wholeAt().get());
      waiting.forEach(open -> open.replyTo().tell(open.granted() ? there : new NeedsConsent()));
      waiting.clear();
      return;
    }
    int stored = hosted.map(here -> here.ticket().generation()).orElse(0);
    int told = found.parts().stream().mapToInt(Holders.Holding::generation).max().orElse(0);
    generation = Math.max(generation, told);
    if (hosted.isPresent() && stored < generation) {
      node.blobs().drop(hosted.get());
      hosted = Optional.empty();
    }
    parts = found.parts().stream().filter(part -> part.generation() == generation).toList();
    generationsTried = 1;
    beginForFirst();
  }

  /** Asks the origin on behalf of whoever has waited longest. */
  private void beginForFirst() {
    Open first = waiting.peek();
    if (first == null) {
      phase = Phase.IDLE;
    } else {
      phase = Phase.STARTING;
      begin(first.access(), first.knownSize());
    }
  }

  private void begin(OriginAccess access, OptionalLong knownSize) {
    lastAccess = access;
    askedAs = access;
    var outcomes = getContext().messageAdapter(LayerIngest.Told.class, Ingested::new);
    ActorRef<LayerIngest.Command> begun =
        getContext()
            .spawnAnonymous(
                LayerIngest.create(
                    node,
                    new LayerIngest.Start(
                        digest, generation, knownSize, access, hosted, parts, isTakeOver),
                    outcomes));
    getContext().watchWith(begun, new IngestStopped(begun));
    ingest = begun;
  }

  /** An ingest that stops without an outcome has failed by a bug; its supervisor has logged it. */
  private void onIngestStopped(ActorRef<LayerIngest.Command> stopped) {
    if (stopped.equals(ingest)) {
      ingest = null;
      onGivenUp("the ingest broke off");
    }
  }

  private void onIngested(LayerIngest.Told told) {
    if (told.generation() != generation) {
      return; // of an ingest that was stopped for a later generation
    }
    LayerIngest.Outcome outcome = told.outcome();
    if (!(outcome instanceof LayerIngest.Begun)) {
      ingest = null;
    }
    switch (outcome) {
      case LayerIngest.Begun begun -> onBegun(begun);
      case LayerIngest.Refused refused -> {
        answerAsked(new Refused(refused.refusal()));
        beginForFirst();
      }
      case LayerIngest.Unkept unkept -> onUnkept(unkept);
      case LayerIngest.GivenUp givenUp -> onGivenUp(givenUp.cause());
      case LayerIngest.Sealed _ ->
          getContext().getLog().info("{} is whole and sealed, generation {}", digest, generation);
      case LayerIngest.Wrong wrong -> onWrong(wrong.cause());
    }
  }

  private void onBegun(LayerIngest.Begun begun) {
    hosted = Optional.of(begun.hosted());
    parts = List.of();
    isTakeOver = false;
    if (phase == Phase.STARTING) {
      phase = Phase.HERE;
      if (begun.consented()) {
        answerAsked(new Held(node.apiAddress()));
      }
      answerAll();
    }
  }

  /** Tells those, and only those, in whose name the origin was asked. */
  private void answerAsked(Answer answer) {
    waiting.removeIf(open -> {
      boolean isTheirs = open.access().equals(askedAs);
      if (isTheirs) {
        open.replyTo().tell(answer);
      }
      return isTheirs;
    });
  }

  private void answerAll() {
    waiting.forEach(this::answer);
    waiting.clear();
  }

  /** What is stored of it is of no use and in the way of blobs that fit. */
  private void onUnkept(LayerIngest.Unkept unkept) {
    getContext().getLog().warn("{} is relayed past the store because {}", digest, unkept.cause());
    hosted.ifPresent(node.blobs()::drop);
    getContext()
        .pipeToSelf(
            node.onDisk(() -> node.blobs().evict(digest, _ -> true)), (_, _) -> Evicted.INSTANCE);
    hosted = Optional.empty();
    parts = List.of();
    unkeptSize = unkept.sizeBytes();
    phase = Phase.UNKEPT;
    answerAsked(new Relayed(unkeptSize));
    waiting.forEach(this::answerUnkept);
    waiting.clear();
  }

  private void answerUnkept(Open open) {
    open.replyTo().tell(open.granted() ? new Relayed(unkeptSize) : new NeedsConsent());
  }

  private void endWaiting(Answer answer) {
    phase = Phase.IDLE;
    waiting.forEach(open -> open.replyTo().tell(answer));
    waiting.clear();
  }

  private void onGivenUp(String cause) {
    getContext().getLog().warn("ingest of {} was given up because {}", digest, cause);
    hosted.ifPresent(
        growing -> growing.blob().interrupt(new IOException("ingest was given up: " + cause)));
    endWaiting(new Unavailable("tried to fetch from the origin, but failed because " + cause));
  }

  private void onWrong(String cause) {
    getContext().getLog().warn("generation {} of {} is rejected: {}", generation, digest, cause);
    hosted.ifPresent(node.blobs()::drop);
    hosted = Optional.empty();
    parts = List.of();
    isTakeOver = false;
    generation++;
    generationsTried++;
    if (generationsTried > GENERATIONS_MAX) {
      failure = "the origin's bytes are not " + digest + ": " + cause;
      endWaiting(new Unavailable(failure));
      phase = Phase.FAILED;
      forgetLater();
    } else if (lastAccess != null) {
      phase = Phase.STARTING;
      begin(lastAccess, OptionalLong.empty());
    }
  }

  private void forgetLater() {
    timers.startSingleTimer(ForgetFailure.INSTANCE, node.settings().layer().failureMemory());
  }

  private void onIdle() {
    boolean remembers = phase == Phase.FAILED || phase == Phase.UNKEPT;
    boolean isBusy = ingest != null || !waiting.isEmpty() || remembers;
    if (!isBusy) {
      shard.tell(new ClusterSharding.Passivate<>(getContext().getSelf()));
    }
  }

  private Behavior<Command> onStop() {
    if (ingest != null) {
      hosted.ifPresent(
          growing -> growing.blob().interrupt(new IOException("the layer moves: open it again")));
    }
    endWaiting(new Unavailable("the layer moves to another proxy; ask again"));
    return Behaviors.stopped();
  }
}
