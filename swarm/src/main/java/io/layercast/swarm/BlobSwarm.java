package io.layercast.swarm;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.Signal;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractOnMessageBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import io.layercast.engine.LayerTicket;
import io.layercast.engine.PeerDirectory;
import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.PieceSet;
import io.layercast.engine.SharedBlob;
import io.layercast.engine.SharedBlob.State;
import io.layercast.swarm.wire.PeerId;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in one swarm: hands what happened to the {@link SwarmPolicy}, which decides, and
 * its orders to the sessions, the dialler and the peer directory. Bytes stay in the sessions.
 */
final class BlobSwarm extends AbstractOnMessageBehavior<BlobSwarm.Command> {
  private static final Logger LOG = LoggerFactory.getLogger(BlobSwarm.class);
  private static final Duration TICK = Duration.ofMillis(250);

  private static final Duration RESTART = Duration.ofSeconds(10);

  sealed interface Command {}

  /** The tracker handed these out. */
  record PeersFound(List<Peer> peers) implements Command {}

  /** Another ticket of the blob names these. */
  record SeedsMet(List<InetSocketAddress> seeds) implements Command {}

  /** The session's peer has proven to belong. Answered by Start, or Close. */
  record Opened(Session session, Remote remote) implements Command {}

  /** The session that was {@link Opened} has ended. */
  record Gone(Session session, Remote remote) implements Command {}

  /** A peer that was {@link Opened} talks without end; its session ends. */
  record Flooded(Remote remote) implements Command {}

  /** A dial that this swarm asked for is over, opened or not. */
  record DialEnded(InetSocketAddress address) implements Command {}

  record Has(Session session, PieceSet pieces) implements Command {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  record HasMore(Session session, int[] pieces) implements Command {}

  record Choking(Session session, boolean choking) implements Command {}

  /**
   * A {@link SessionCommand.Fetch} is over.
   *
   * @param nanos from the first request to the last byte, for a piece that was stored
   * @param room how many pieces to have under way with this peer
   */
  record PieceEnded(
      Session session, Remote remote, int piece, Outcome outcome, long nanos, int room)
      implements Command {}

  record PieceKnown(int piece) implements Command {}

  record PieceStored(int piece) implements Command {}

  record PieceLost(int piece) implements Command {}

  record StateChanged(State state) implements Command {}

  enum ReadersMoved implements Command {
    READERS_MOVED
  }

  enum Leave implements Command {
    LEAVE
  }

  private enum Tick implements Command {
    TICK
  }

  private enum SendHaves implements Command {
    SEND_HAVES
  }

  /** Opens a connection; its session is told about by the messages above. */
  @FunctionalInterface
  interface Dialler {
    /** Whether the node had room for one more. */
    boolean dial(Peer peer, ActorRef<Command> swarm);
  }

  /** What the actor is made of. */
  record Parts(
      SwarmSettings settings,
      PeerId self,
      InetSocketAddress advertised,
      SharedBlob blob,
      LayerTicket ticket,
      SwarmTraffic traffic,
      PeerDirectory directory,
      Dialler dialler,
      PieceShares.Share share,
      long seed) {}

  private final TimerScheduler<Command> timers;
  private final Parts parts;
  private final SharedBlob blob;
  private final SwarmPolicy policy;
  private final SharedBlob.Subscription subscription;
  private final PeerDirectory.Membership membership;

  static Behavior<Command> create(Parts parts) {
    Behavior<Command> swarm =
        Behaviors.setup(
            context -> Behaviors.withTimers(timers -> new BlobSwarm(context, timers, parts)));
    return Behaviors.supervise(swarm)
        .onFailure(
            SupervisorStrategy.restartWithBackoff(
                RESTART.dividedBy(10), RESTART, 0.2)); // starts over: peers are dialled anew
  }

  private BlobSwarm(ActorContext<Command> context, TimerScheduler<Command> timers, Parts parts) {
    super(context);
    this.timers = timers;
    this.parts = parts;
    this.blob = parts.blob;
    ActorRef<Command> self = context.getSelf();
    long now = System.nanoTime();
    int pieceCount = blob.layout().pieceCount();
    this.policy =
        new SwarmPolicy(
            new SwarmPolicy.Setup(
                parts.settings,
                parts.self,
                parts.advertised,
                parts.ticket.seeds(),
                pieceCount,
                parts.share,
                parts.seed),
            new Around(),
            now);
    this.subscription = blob.subscribe(new BlobNews(self));
    // What comes from here on is told again by the subscription, and harmless.
    policy.state(blob.state());
    policy.begin(blob.have(), knownOf(blob));
    this.membership =
        parts.directory.join(
            parts.ticket.swarmId(),
            this::holding,
            peers -> self.tell(new PeersFound(List.copyOf(peers))));
    policy.readers(blob.readerPieces(), blob.isWanted(), now);
    tickIfNeeded();
  }

  private void tickIfNeeded() {
    boolean ticks = timers.isTimerActive(Tick.TICK);
    if (policy.needsTicks() && !ticks) {
      timers.startTimerWithFixedDelay(Tick.TICK, TICK);
    } else if (!policy.needsTicks() && ticks) {
      timers.cancel(Tick.TICK);
    }
  }

  private static PieceSet knownOf(SharedBlob blob) {
    PieceSet known = PieceSet.empty(blob.layout().pieceCount());
    for (int piece = 0; piece < known.pieceCount(); piece++) {
      if (blob.expected(piece).isPresent()) {
        known.add(piece);
      }
    }
    return known;
  }

  /** Carries out what the policy orders beside its links. */
  private final class Around implements SwarmPolicy.Surroundings {
    @Override
    public boolean dial(Peer peer) {
      return parts.dialler.dial(peer, getContext().getSelf());
    }

    @Override
    public void holdingChanged() {
      membership.changed();
    }

    @Override
    public void wantPeers() {
      membership.wantPeers();
    }

    @Override
    public void sendHavesAfter(long nanos) {
      timers.startSingleTimer(SendHaves.SEND_HAVES, SendHaves.SEND_HAVES, Duration.ofNanos(nanos));
    }
  }

  /** Called by the directory on any thread. */
  private PeerDirectory.Holding holding() {
    long left = blob.layout().sizeBytes();
    PieceSet here = blob.have();
    for (int piece = here.nextPresent(0); piece >= 0; piece = here.nextPresent(piece + 1)) {
      left -= blob.layout().lengthOf(piece);
    }
    var traffic = parts.traffic.snapshot();
    return new PeerDirectory.Holding(
        left, traffic.uploaded(), traffic.fromPeers() + traffic.fromSeeds());
  }

  /** Turns the blob's calls, on any thread, into messages. */
  private record BlobNews(ActorRef<Command> swarm) implements SharedBlob.Listener {
    @Override
    public void onExpected(int piece) {
      swarm.tell(new PieceKnown(piece));
    }

    @Override
    public void onStored(int piece) {
      swarm.tell(new PieceStored(piece));
    }

    @Override
    public void onLost(int piece) {
      swarm.tell(new PieceLost(piece));
    }

    @Override
    public void onReaders() {
      swarm.tell(ReadersMoved.READERS_MOVED);
    }

    @Override
    public void onState(State state) {
      swarm.tell(new StateChanged(state));
    }
  }

  @Override
  public Behavior<Command> onMessage(Command command) {
    if (command == Leave.LEAVE) {
      return Behaviors.stopped();
    }
    long now = System.nanoTime();
    switch (command) {
      case PeersFound(List<Peer> peers) -> policy.heardOf(peers, now);
      case SeedsMet(List<InetSocketAddress> seeds) -> policy.met(seeds, now);
      case Opened(Session session, Remote remote) -> {
        policy.opened(session, remote, now);
        parts.traffic.peers(policy.connections());
      }
      case Gone(Session session, Remote remote) -> {
        policy.gone(session, remote, now);
        parts.traffic.peers(policy.connections());
      }
      case Flooded(Remote remote) -> {
        LOG.warn("Peer {} floods in the swarm of {}", remote.address(), blob.digest());
        policy.flooded(remote, now);
      }
      case DialEnded(InetSocketAddress address) -> policy.dialEnded(address, now);
      case Has(Session session, PieceSet pieces) -> policy.has(session, pieces, now);
      case HasMore(Session session, int[] pieces) -> policy.hasMore(session, pieces, now);
      case Choking(Session session, boolean choking) -> policy.choking(session, choking, now);
      case PieceEnded ended -> onPieceEnded(ended, now);
      case PieceKnown(int piece) -> policy.known(piece, now);
      case PieceStored(int piece) -> policy.stored(piece, now);
      case PieceLost(int piece) -> policy.lost(piece, now);
      case ReadersMoved _ -> policy.readers(blob.readerPieces(), blob.isWanted(), now);
      case StateChanged(State state) -> policy.state(state);
      case SendHaves _ -> policy.sendHaves(now);
      case Tick _ -> policy.tick(now);
      case Leave _ -> {}
    }
    tickIfNeeded();
    return this;
  }

  private void onPieceEnded(PieceEnded ended, long now) {
    if (ended.outcome == Outcome.WRONG_HASH) {
      LOG.warn(
          "Peer {} sent a wrong piece {} of {}",
          ended.remote.address(),
          ended.piece,
          blob.digest());
    }
    policy.fetchEnded(
        ended.session, ended.remote, ended.piece, ended.outcome, ended.nanos, ended.room, now);
  }

  @Override
  public Behavior<Command> onSignal(Signal signal) {
    if (signal instanceof PostStop || signal instanceof PreRestart) {
      subscription.close();
      membership.leave();
      policy.closeAll("left the swarm");
      parts.traffic.peers(0);
      parts.share.isUsed(false);
    }
    return this;
  }
}
