package io.layercast.tracker;

import akka.Done;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import io.layercast.engine.PeerDirectory.Holding;
import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.SwarmId;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Carries out what {@link Inventory} decides: one announce at a time, and the aliases beside. */
final class Announcer extends AbstractOnMessageBehavior<Announcer.Command> {

  /** Local only. */
  sealed interface Command {}

  /** A part in a swarm; of two in the same swarm the later one counts. */
  record Join(Part part) implements Command {}

  /** What a {@link Join} began. Compared by identity. */
  static final class Part {
    final SwarmId swarm;
    final Supplier<Holding> holding;
    final Consumer<List<Peer>> onPeers;

    Part(SwarmId swarm, Supplier<Holding> holding, Consumer<List<Peer>> onPeers) {
      this.swarm = swarm;
      this.holding = holding;
      this.onPeers = onPeers;
    }
  }

  record Changed(Part part) implements Command {}

  record WantPeers(Part part) implements Command {}

  record Leave(Part part) implements Command {}

  /** Registers an alias, now and again after each change of tracker; see {@link KeptAliases}. */
  record KeepAlias(AliasRequest alias, String proof, CompletableFuture<Void> taken)
      implements Command {}

  /** Leaves every swarm and stops, after an announce under way, which would list it again. */
  record Farewell(CompletableFuture<Done> said) implements Command {}

  private record Answered(NodeReply reply) implements Command {}

  private record Failed(Throwable cause) implements Command {}

  private record AliasTaken(KeptAliases.Kept kept, String trackerId) implements Command {}

  private record AliasNotTaken(KeptAliases.Kept kept, Throwable cause) implements Command {}

  private enum RetryAliases implements Command {
    INSTANCE
  }

  private enum Wake implements Command {
    INSTANCE
  }

  private final TimerScheduler<Command> timers;
  private final PeerIdentity self;
  private final Trackers trackers;
  private final TrackerHttp http;
  private final Inventory inventory;
  private final Map<SwarmId, Part> parts = new HashMap<>();
  private final KeptAliases aliases = new KeptAliases();
  private final Duration aliasRetry;
  private Optional<CompletableFuture<Done>> leaving = Optional.empty();
  private String lastWarning = "";
  private boolean failing;

  private Announcer(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      TrackerClientSettings settings,
      PeerIdentity self,
      Trackers trackers,
      TrackerHttp http) {
    super(context);
    context.setLoggerName(Announcer.class); // else a timer that comes first makes it Akka's
    this.timers = timers;
    this.self = self;
    this.trackers = trackers;
    this.http = http;
    this.aliasRetry = settings.backoff().max();
    this.inventory = new Inventory(settings, new SplittableRandom(), System.nanoTime());
  }

  static Behavior<Command> create(
      TrackerClientSettings settings, PeerIdentity self, Trackers trackers, TrackerHttp http) {
    return Behaviors.setup(context ->
        Behaviors.withTimers(
            timers -> new Announcer(context, timers, settings, self, trackers, http)));
  }

  @Override
  public Behavior<Command> onMessage(Command command) {
    switch (command) {
      case Join(Part part) -> {
        parts.put(part.swarm, part);
        inventory.join(part.swarm, System.nanoTime());
      }
      case Changed(Part part) ->
          ifCurrent(part, swarm -> inventory.changed(swarm, System.nanoTime()));
      case WantPeers(Part part) -> ifCurrent(part, inventory::wantPeers);
      case Leave(Part part) -> {
        ifCurrent(part, inventory::leave);
        parts.remove(part.swarm, part);
      }
      case Answered(NodeReply reply) -> onAnswered(reply);
      case Failed(Throwable cause) -> onFailed(cause);
      case KeepAlias(AliasRequest alias, String proof, var taken) ->
          aliases.keep(alias, proof, taken);
      case AliasTaken(KeptAliases.Kept kept, String trackerId) -> aliases.taken(kept, trackerId);
      case AliasNotTaken(KeptAliases.Kept kept, Throwable cause) -> onAliasNotTaken(kept, cause);
      case RetryAliases.INSTANCE -> aliases.retry();
      case Wake.INSTANCE -> {}
      case Farewell(CompletableFuture<Done> said) -> leaving = Optional.of(said);
    }
    if (leaving.isPresent()) {
      return leaveOrWait(leaving.get());
    }
    announceOrWait();
    registerAliases();
    return this;
  }

  private void ifCurrent(Part part, Consumer<SwarmId> then) {
    if (parts.get(part.swarm) == part) {
      then.accept(part.swarm);
    }
  }

  private void announceOrWait() {
    long now = System.nanoTime();
    try {
      inventory.next(now, this::holding).ifPresent(this::send);
    } catch (RuntimeException e) { // resuming without a timer would be the end of all announces
      getContext().getLog().error("an announce could not be made", e);
    }
    OptionalLong wakeAt = inventory.wakeAtNanos(now);
    if (wakeAt.isPresent()) {
      long wait = Math.max(0, wakeAt.getAsLong() - now);
      timers.startSingleTimer(Wake.INSTANCE, Duration.ofNanos(wait));
    } else {
      timers.cancel(Wake.INSTANCE);
    }
  }

  private void send(Inventory.Request due) {
    NodeAnnounce announce = announce(due.full(), due.reports());
    getContext()
        .pipeToSelf(
            trackers.call(tracker -> http.announce(tracker, announce)),
            (reply, failure) -> failure == null ? new Answered(reply) : new Failed(failure));
  }

  private Holding holding(SwarmId swarm) {
    Part part = parts.get(swarm);
    if (part == null) {
      throw new IllegalStateException("announces " + swarm + ", which nobody joined");
    }
    return part.holding.get();
  }

  private NodeAnnounce announce(boolean full, List<Tracker.Report> reports) {
    InetAddress ip = self.address().getAddress();
    return new NodeAnnounce(
        self.peerId(),
        ip.isAnyLocalAddress() ? new byte[0] : ip.getAddress(),
        self.address().getPort(),
        self.proxy(),
        full,
        reports);
  }

  private void onAnswered(NodeReply reply) {
    if (failing) {
      failing = false;
      getContext().getLog().info("the tracker answers again");
    }
    inventory.answered(reply.trackerId(), reply.interval(), System.nanoTime());
    if (!reply.warning().isEmpty() && !reply.warning().equals(lastWarning)) {
      lastWarning = reply.warning();
      getContext().getLog().warn("the tracker warns: {}", reply.warning());
    }
    reply
        .peers()
        .forEach((swarm, peers) -> {
          Part part = parts.get(swarm);
          if (part != null && !peers.isEmpty()) {
            deliver(part, peers);
          }
        });
    aliases.answered(reply.trackerId(), Instant.now());
  }

  private void deliver(Part part, List<Peer> peers) {
    try {
      part.onPeers.accept(peers);
    } catch (RuntimeException e) {
      getContext().getLog().error("a consumer of peers of {} failed", part.swarm, e);
    }
  }

  private void onFailed(Throwable cause) {
    if (!failing) {
      failing = true;
      getContext().getLog().warn("no tracker answers ({}); trying on", "" + Replies.unwrap(cause));
    }
    inventory.failed(System.nanoTime());
  }

  private void registerAliases() {
    for (var due = aliases.next(); due.isPresent(); due = aliases.next()) {
      KeptAliases.Kept kept = due.get();
      getContext()
          .pipeToSelf(
              trackers.call(tracker -> http.register(tracker, kept.request, kept.proof)),
              (trackerId, failure) ->
                  failure == null
                      ? new AliasTaken(kept, trackerId)
                      : new AliasNotTaken(kept, failure));
    }
  }

  private void onAliasNotTaken(KeptAliases.Kept kept, Throwable cause) {
    aliases.notTaken(kept, cause);
    if (!timers.isTimerActive(RetryAliases.INSTANCE)) {
      getContext().getLog().warn("an alias was not taken ({})", "" + Replies.unwrap(cause));
      timers.startSingleTimer(RetryAliases.INSTANCE, aliasRetry);
    }
  }

  private Behavior<Command> leaveOrWait(CompletableFuture<Done> said) {
    if (inventory.isUnderWay()) {
      return this;
    }
    sayFarewell(said);
    return Behaviors.stopped();
  }

  private void sayFarewell(CompletableFuture<Done> said) {
    NodeAnnounce nothing = announce(true, List.of());
    var _ =
        trackers
            .call(tracker -> http.announce(tracker, nothing))
            .whenComplete((_, _) -> said.complete(Done.getInstance()));
  }
}
