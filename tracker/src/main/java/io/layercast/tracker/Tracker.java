package io.layercast.tracker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.Signal;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.typed.ClusterSingleton;
import akka.cluster.typed.ClusterSingletonSettings;
import akka.cluster.typed.SingletonActor;
import io.layercast.engine.SwarmId;
import io.layercast.engine.SwarmKeys;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Knows every swarm's peers, for the whole cluster. Soft state: a new incarnation begins empty
 * under a new tracker id, and everyone who sees that id announces all it has.
 */
public final class Tracker extends AbstractOnMessageBehavior<Tracker.Command> {
  /** The role of cluster members that it may run on. */
  public static final String ROLE = "tracker";

  private static final Duration EXPIRE_EVERY = Duration.ofSeconds(1);
  private static final Duration WARN_EVERY = Duration.ofMinutes(1);

  /** What it is told and asked, by the tracker nodes' HTTP side. */
  public sealed interface Command {}

  /**
   * A peer's announces in some swarms.
   *
   * @param sweepSinceNanos {@link #NO_SWEEP}; or, with the last slice of an inventory, the {@link
   *     Exchanged#atNanos} of its first slice ({@link #THIS_SLICE} when that is this one): whatever
   *     was not announced since is gone
   */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Exchange(
      PeerAddress address,
      byte[] peerId,
      boolean proxy,
      boolean marksForeign,
      boolean vouchedFor,
      List<Report> reports,
      long sweepSinceNanos,
      ActorRef<Exchanged> replyTo)
      implements Command, CborSerializable {
    static final long NO_SWEEP = -1;
    static final long THIS_SLICE = -2;
  }

  /**
   * One swarm of an announce.
   *
   * @param id of the swarm, or an alias of it
   * @param want how many peers are wanted; the answer lists the swarm even if it is 0
   * @param wantsPeerIds whether with their peer ids
   */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  public record Report(byte[] id, long left, Event event, int want, boolean wantsPeerIds) {
    /** One that reads no peer ids. */
    public Report(byte[] id, long left, Event event, int want) {
      this(id, left, event, want, false);
    }
  }

  /**
   * Answers {@link Exchange}.
   *
   * @param atNanos when, on this incarnation's own clock; not negative
   * @param handouts one for each report, in order
   * @param unlisted in how many of them the peer is not listed for want of room
   */
  record Exchanged(String trackerId, long atNanos, List<Handout> handouts, int unlisted)
      implements CborSerializable {}

  /** Asks for the counts of some swarms. */
  record Scrape(List<byte[]> ids, ActorRef<Scraped> replyTo) implements Command, CborSerializable {}

  /** Answers {@link Scrape}: a count for each id in order, -1 where the id is none. */
  record Scraped(String trackerId, List<SwarmTable.Counts> counts) implements CborSerializable {}

  /** Registers an alias of a swarm. */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record RegisterAlias(
      byte[] alias, byte[] swarm, Duration lifetime, ActorRef<AliasRegistered> replyTo)
      implements Command, CborSerializable {}

  /** Answers {@link RegisterAlias}; not accepted when the table is full or the id not genuine. */
  record AliasRegistered(String trackerId, boolean accepted) implements CborSerializable {}

  /** Asks what an alias stands for. */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record ResolveAlias(byte[] alias, ActorRef<AliasResolved> replyTo)
      implements Command, CborSerializable {}

  /** Answers {@link ResolveAlias}: the swarm's id, or no bytes. */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record AliasResolved(byte[] swarm) implements CborSerializable {}

  private enum Expire implements Command {
    INSTANCE
  }

  /**
   * Ends this incarnation, for another node's to begin. A message of our own: {@code
   * AbstractOnMessageBehavior} takes Akka's default, a signal, as handled and lives on.
   */
  enum Stop implements Command {
    INSTANCE
  }

  private final String trackerId;
  private final SwarmKeys keys;
  private final TrackerSettings settings;
  private final SwarmTable table;
  private final AliasTable aliases;
  private final LongSupplier nanoClock;
  private final long startedNanos;
  private final TrackerCounts counts;
  private long nextWarningNanos;

  private Tracker(
      ActorContext<Command> context,
      SwarmKeys keys,
      TrackerSettings settings,
      LongSupplier nanoClock,
      RandomGenerator random,
      TrackerCounts counts) {
    super(context);
    context.setLoggerName(Tracker.class); // else a timer that comes first makes it Akka's
    this.counts = counts;
    byte[] id = new byte[8];
    random.nextBytes(id);
    this.trackerId = HexFormat.of().formatHex(id);
    this.keys = keys;
    this.settings = settings;
    HandoutPolicy policy =
        new HandoutPolicy(settings.handout().maxProxies(), settings.handout().seedShare(), random);
    this.table = new SwarmTable(settings, policy);
    this.aliases = new AliasTable(settings.limits().aliases());
    this.nanoClock = nanoClock;
    this.startedNanos = nanoClock.getAsLong();
    context.getLog().info("tracker {} begins, empty", trackerId);
  }

  /**
   * Starts this node's part in the singleton: on a cluster member of role {@code tracker} the
   * manager that may run it, on any member the way to it.
   *
   * @param counts is kept up to date while the singleton runs on this node
   */
  public static ActorRef<Command> init(
      ActorSystem<?> system, SwarmKeys keys, TrackerSettings settings, TrackerCounts counts) {
    Behavior<Command> supervised =
        Behaviors.supervise(create(keys, settings, System::nanoTime, counts))
            .onFailure(SupervisorStrategy.restart());
    return ClusterSingleton.get(system)
        .init(
            SingletonActor.of(supervised, "layercast-tracker")
                .withStopMessage(Stop.INSTANCE)
                .withSettings(
                    ClusterSingletonSettings.create(system)
                        .withRole(ROLE)
                        .withBufferSize(settings.service().singletonBuffer())));
  }

  static Behavior<Command> create(SwarmKeys keys, TrackerSettings settings) {
    return create(keys, settings, System::nanoTime);
  }

  static Behavior<Command> create(
      SwarmKeys keys, TrackerSettings settings, LongSupplier nanoClock) {
    return create(keys, settings, nanoClock, new TrackerCounts());
  }

  static Behavior<Command> create(
      SwarmKeys keys, TrackerSettings settings, LongSupplier nanoClock, TrackerCounts counts) {
    return Behaviors.setup(context ->
        Behaviors.withTimers(timers -> {
          timers.startTimerWithFixedDelay(Expire.INSTANCE, EXPIRE_EVERY);
          return new Tracker(context, keys, settings, nanoClock, new SplittableRandom(), counts);
        }));
  }

  @Override
  public Behavior<Command> onMessage(Command command) {
    switch (command) {
      case Exchange exchange -> onExchange(exchange);
      case Scrape scrape -> onScrape(scrape);
      case RegisterAlias register -> onRegisterAlias(register);
      case ResolveAlias(byte[] alias, var replyTo) ->
          replyTo.tell(
              new AliasResolved(
                  aliases
                      .resolve(SwarmId.of(alias), now())
                      .map(SwarmId::toBytes)
                      .orElseGet(() -> new byte[0])));
      case Expire.INSTANCE -> onExpire();
      case Stop.INSTANCE -> {
        return Behaviors.stopped();
      }
    }
    return this;
  }

  private void onExchange(Exchange exchange) {
    long now = now();
    counts.announced(exchange.reports().size());
    SwarmTable.Who who =
        new SwarmTable.Who(
            exchange.address(),
            exchange.peerId(),
            exchange.proxy(),
            exchange.marksForeign(),
            exchange.vouchedFor());
    long refusedBefore = table.refusals();
    List<Handout> handouts =
        exchange.reports().stream().map(report -> answer(who, report, now)).toList();
    if (exchange.sweepSinceNanos() == Exchange.THIS_SLICE) {
      table.sweep(who, now);
    } else if (exchange.sweepSinceNanos() != Exchange.NO_SWEEP) {
      table.sweep(who, exchange.sweepSinceNanos());
    }
    int unlisted = (int) (table.refusals() - refusedBefore);
    if (unlisted > 0) {
      onRefused(who, unlisted, now);
    }
    exchange.replyTo().tell(new Exchanged(trackerId, now, handouts, unlisted));
  }

  private void onRefused(SwarmTable.Who who, int unlisted, long now) {
    counts.refused(unlisted);
    if (now >= nextWarningNanos) {
      nextWarningNanos = now + WARN_EVERY.toNanos();
      getContext()
          .getLog()
          .warn(
              "has no room to list {} in {} swarms, and may have none for others; see layercast.tracker.limits",
              who.address(),
              unlisted);
    }
  }

  private Handout answer(SwarmTable.Who who, Report report, long now) {
    SwarmId id = SwarmId.of(report.id());
    return swarmOf(id, now)
        .map(swarm -> {
          Optional<SwarmId> alias = swarm.equals(id) ? Optional.empty() : Optional.of(id);
          table.announce(who, swarm, alias, report.left(), report.event(), now);
          int want = report.event() == Event.STOPPED ? 0 : report.want();
          List<Swarm.Entry> peers = table.handout(who, swarm, alias, report.left() == 0, want);
          return Handout.of(
              peers,
              table.counts(swarm),
              alias.isPresent(),
              who.marksForeign(),
              report.wantsPeerIds());
        })
        .orElse(Handout.UNKNOWN);
  }

  /** What is announced: a swarm that this cluster named, by its id or by a live alias. */
  private Optional<SwarmId> swarmOf(SwarmId id, long now) {
    return table.contains(id) || keys.isGenuine(id) ? Optional.of(id) : aliases.resolve(id, now);
  }

  private void onScrape(Scrape scrape) {
    long now = now();
    List<SwarmTable.Counts> counts =
        scrape.ids().stream()
            .map(id -> swarmOf(SwarmId.of(id), now))
            .map(swarm -> swarm.map(table::counts).orElse(new SwarmTable.Counts(-1, -1, -1)))
            .toList();
    scrape.replyTo().tell(new Scraped(trackerId, counts));
  }

  private void onRegisterAlias(RegisterAlias register) {
    SwarmId alias = SwarmId.of(register.alias());
    SwarmId swarm = SwarmId.of(register.swarm());
    Duration longest = settings.limits().aliasLifetime();
    Duration lifetime = register.lifetime().compareTo(longest) < 0 ? register.lifetime() : longest;
    boolean accepted =
        lifetime.isPositive()
            && keys.isGenuine(swarm)
            && aliases.put(alias, swarm, now() + lifetime.toNanos());
    register.replyTo().tell(new AliasRegistered(trackerId, accepted));
  }

  private void onExpire() {
    table.expire(now());
    aliases.expire(now());
    counts.set(table.swarmCount(), table.entryCount());
  }

  @Override
  public Behavior<Command> onSignal(Signal signal) {
    if (signal instanceof PostStop || signal instanceof PreRestart) {
      counts.gone();
    }
    return this;
  }

  /** Nanoseconds since this incarnation began. */
  private long now() {
    return nanoClock.getAsLong() - startedNanos;
  }
}
