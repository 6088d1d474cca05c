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
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in one swarm: knows its connections and what each peer has, says which piece
 * comes from whom, whom to dial, and passes on what is new here. All choices are the policies';
 * bytes stay in the sessions.
 */
final class BlobSwarm extends AbstractOnMessageBehavior<BlobSwarm.Command> {
  private static final Logger LOG = LoggerFactory.getLogger(BlobSwarm.class);
  private static final Duration TICK = Duration.ofMillis(250);

  /** After the store refused a piece: fetching more at once would only waste the wire. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final Duration RESTART = Duration.ofSeconds(10);

  sealed interface Command {}

  /** The tracker handed these out. */
  record PeersFound(List<Peer> peers) implements Command {}

  /** The session's peer has proven to belong. Answered by Start, or Close. */
  record Opened(Session session, Remote remote) implements Command {}

  /** The session that was {@link Opened} has ended. */
  record Gone(Session session, Remote remote) implements Command {}

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

  /** How a fetch ended. */
  enum Outcome {
    STORED,
    DUPLICATE,
    WRONG_HASH,
    NOT_STORED,
    /** The peer would not send it. */
    REFUSED,
    /** The peer sent nothing in time. */
    STALLED;

    static Outcome of(SharedBlob.Stored stored) {
      return switch (stored) {
        case STORED -> STORED;
        case DUPLICATE -> DUPLICATE;
        case WRONG_HASH -> WRONG_HASH;
        case NOT_STORED -> NOT_STORED;
      };
    }
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
      long seed) {}

  /** A peer that has proven to belong. */
  private static final class Partner {
    final Session session;
    final Remote remote;
    PieceSet has;

    /** Had everything at once, so the picker does not count it. */
    boolean uncounted;

    boolean choking = true;
    boolean interested;

    /** How many pieces it has that are missing here. */
    int useful;

    final Set<Integer> fetching = new HashSet<>();
    int room = 2;
    long lastUseNanos;

    Partner(Session session, Remote remote, int pieceCount, long nowNanos) {
      this.session = session;
      this.remote = remote;
      this.has = PieceSet.empty(pieceCount);
      this.lastUseNanos = nowNanos;
    }
  }

  private final TimerScheduler<Command> timers;
  private final Parts parts;
  private final SharedBlob blob;
  private final int pieceCount;
  private final PiecePicker picker;
  private final Flights flights = new Flights();
  private final PeerLedger ledger;
  private final ConnectionChoice choice;
  private final Map<Long, Partner> partners = new LinkedHashMap<>();
  private final Set<InetSocketAddress> dialling = new HashSet<>();
  private final PieceSet have;
  private final PieceSet known;
  private final SharedBlob.Subscription subscription;
  private final PeerDirectory.Membership membership;

  private List<Integer> newHaves = new ArrayList<>();
  private long lastHavesNanos;
  private List<Integer> readers = List.of();
  private boolean wanted;
  private long askedForPeersNanos;
  private long pausedUntilNanos;
  private int turn;

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
    this.pieceCount = blob.layout().pieceCount();
    this.picker = new PiecePicker(pieceCount, parts.seed);
    this.ledger = new PeerLedger(parts.settings.deadlines());
    this.choice =
        new ConnectionChoice(
            parts.settings.connections(), ledger, parts.advertised, parts.ticket.seeds());
    this.have = PieceSet.empty(pieceCount);
    this.known = PieceSet.empty(pieceCount);
    ActorRef<Command> self = context.getSelf();
    this.subscription = blob.subscribe(new BlobNews(self));
    learnWhatIsHere();
    this.wanted = blob.isWanted();
    this.readers = blob.readerPieces();
    long now = System.nanoTime();
    this.askedForPeersNanos = now;
    this.pausedUntilNanos = now;
    this.lastHavesNanos = now;
    this.membership =
        parts.directory.join(
            parts.ticket.swarmId(),
            this::holding,
            peers -> self.tell(new PeersFound(List.copyOf(peers))));
    timers.startTimerWithFixedDelay(Tick.TICK, TICK);
    dial(now);
  }

  /** Sees what was there before the subscription; what came since is told again and harmless. */
  private void learnWhatIsHere() {
    blob.have().stream().forEach(this::addHere);
    for (int piece = 0; piece < pieceCount; piece++) {
      if (blob.expected(piece).isPresent()) {
        addKnown(piece);
      }
    }
  }

  private boolean addHere(int piece) {
    boolean isNew = have.add(piece);
    if (isNew) {
      picker.stored(piece);
    }
    return isNew;
  }

  private boolean addKnown(int piece) {
    boolean isNew = known.add(piece);
    if (isNew) {
      picker.known(piece);
    }
    return isNew;
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
    long now = System.nanoTime();
    return switch (command) {
      case PeersFound(List<Peer> peers) -> {
        choice.heardOf(peers);
        dial(now);
        yield this;
      }
      case Opened(Session session, Remote remote) -> {
        onOpened(session, remote, now);
        yield this;
      }
      case Gone(Session session, Remote remote) -> {
        onGone(session, remote, now);
        yield this;
      }
      case DialEnded(InetSocketAddress address) -> {
        if (dialling.remove(address)) {
          ledger.closed(address, now);
        }
        yield this;
      }
      case Has(Session session, PieceSet pieces) -> {
        withPartner(session, partner -> onHas(partner, pieces, now));
        yield this;
      }
      case HasMore(Session session, int[] pieces) -> {
        withPartner(session, partner -> onHasMore(partner, pieces, now));
        yield this;
      }
      case Choking(Session session, boolean choking) -> {
        withPartner(
            session,
            partner -> {
              partner.choking = choking;
              assign(partner, now);
            });
        yield this;
      }
      case PieceEnded ended -> {
        onPieceEnded(ended, now);
        yield this;
      }
      case PieceKnown(int piece) -> {
        if (addKnown(piece)) {
          assignAll(now);
        }
        yield this;
      }
      case PieceStored(int piece) -> {
        onStored(piece, now);
        yield this;
      }
      case PieceLost(int piece) -> {
        onLost(piece, now);
        yield this;
      }
      case ReadersMoved _ -> {
        onReaders(now);
        yield this;
      }
      case StateChanged(State state) -> {
        onState(state);
        yield this;
      }
      case SendHaves _ -> {
        sendHaves(now);
        yield this;
      }
      case Tick _ -> {
        onTick(now);
        yield this;
      }
      case Leave _ -> Behaviors.stopped();
    };
  }

  @Override
  public Behavior<Command> onSignal(Signal signal) {
    if (signal instanceof PostStop || signal instanceof PreRestart) {
      subscription.close();
      membership.leave();
      closeAll("left the swarm");
      parts.traffic.peers(0);
    }
    return this;
  }

  private void onState(State state) {
    switch (state) {
      case REJECTED -> closeAll("the blob was rejected");
      case SEALED -> {
        // Standard clients were told of nothing so far.
        int[] pieces = have.stream().toArray();
        for (Partner partner : partners.values()) {
          if (partner.remote.foreign() && pieces.length > 0) {
            partner.session.tell(new SessionCommand.Haves(pieces));
          }
        }
      }
      case GROWING -> {}
    }
  }

  private void closeAll(String cause) {
    for (Partner partner : partners.values()) {
      partner.session.tell(new SessionCommand.Close(cause));
    }
  }

  private void withPartner(Session session, Consumer<Partner> deed) {
    Partner partner = partners.get(session.id());
    if (partner != null) {
      deed.accept(partner);
    }
  }

  // ---- connections

  private void onOpened(Session session, Remote remote, long now) {
    dialling.remove(remote.address());
    String objection = objectionTo(remote, now);
    if (objection != null) {
      ledger.closed(remote.address(), now);
      session.tell(new SessionCommand.Close(objection));
      return;
    }
    Partner twin = twinOf(remote);
    if (twin != null) {
      boolean keepsDialled = ConnectionChoice.keepsOwnDial(parts.self, remote.peerId());
      boolean newIsKept =
          twin.remote.dialled() != remote.dialled() && remote.dialled() == keepsDialled;
      Session loser = newIsKept ? twin.session : session;
      loser.tell(new SessionCommand.Close("connected twice"));
      if (!newIsKept) {
        return;
      }
    }
    Partner partner = new Partner(session, remote, pieceCount, now);
    partners.put(session.id(), partner);
    parts.traffic.peers(partners.size());
    boolean hides = remote.foreign() && blob.state() != State.SEALED;
    session.tell(new SessionCommand.Start(hides ? PieceSet.empty(pieceCount) : have.copy()));
  }

  private @Nullable String objectionTo(Remote remote, long now) {
    if (blob.state() == State.REJECTED) {
      return "the blob was rejected";
    }
    if (ledger.isAvoided(remote.address(), now)) {
      return "sent wrong pieces before";
    }
    if (partners.size() >= parts.settings.connections().maxPerBlob()) {
      return "enough connections";
    }
    return null;
  }

  private @Nullable Partner twinOf(Remote remote) {
    for (Partner partner : partners.values()) {
      if (partner.remote.peerId().equals(remote.peerId())) {
        return partner;
      }
    }
    return null;
  }

  private void onGone(Session session, Remote remote, long now) {
    Partner partner = partners.remove(session.id());
    if (partner == null) {
      return;
    }
    parts.traffic.peers(partners.size());
    ledger.closed(remote.address(), now);
    if (!partner.uncounted) {
      picker.peerGone(partner.has);
    }
    flights.peerGone(session.id()).forEach(picker::giveBack);
    assignAll(now);
  }

  private boolean wantsMore() {
    return wanted && have.count() < pieceCount && blob.state() != State.REJECTED;
  }

  private void dial(long now) {
    if (!wantsMore()) {
      return;
    }
    List<Peer> chosen = choice.toDial(partners.size(), dialling.size(), this::isBusy, now);
    for (Peer peer : chosen) {
      if (!parts.dialler.dial(peer, getContext().getSelf())) {
        return; // the node is full; the tick tries again
      }
      dialling.add(peer.address());
    }
  }

  private boolean isBusy(InetSocketAddress address) {
    return dialling.contains(address)
        || partners.values().stream().anyMatch(partner -> partner.remote.address().equals(address));
  }

  // ---- pieces

  private void onHas(Partner partner, PieceSet pieces, long now) {
    if (!partner.uncounted) {
      picker.peerGone(partner.has);
    }
    partner.has = pieces;
    partner.uncounted = pieces.isFull();
    if (!partner.uncounted) {
      pieces.stream().forEach(picker::peerHas);
    }
    partner.useful = (int) pieces.stream().filter(piece -> !have.has(piece)).count();
    updateInterest(partner);
    assign(partner, now);
  }

  private void onHasMore(Partner partner, int[] pieces, long now) {
    for (int piece : pieces) {
      if (partner.has.add(piece)) {
        if (!partner.uncounted) {
          picker.peerHas(piece);
        }
        if (!have.has(piece)) {
          partner.useful++;
        }
      }
    }
    updateInterest(partner);
    assign(partner, now);
  }

  private void onStored(int piece, long now) {
    if (!addHere(piece)) {
      return;
    }
    addKnown(piece);
    List<Partner> freed = new ArrayList<>();
    for (long other : flights.landed(piece)) {
      Partner partner = partners.get(other);
      if (partner != null) {
        // Ends what is still under way; means nothing to the one who just delivered it.
        partner.fetching.remove(piece);
        partner.session.tell(new SessionCommand.Abandon(piece));
        freed.add(partner);
      }
    }
    for (Partner partner : partners.values()) {
      if (partner.has.has(piece)) {
        partner.useful--;
        updateInterest(partner);
      }
    }
    int count = have.count();
    if (count == 1 || count == pieceCount) {
      membership.changed();
    }
    newHaves.add(piece);
    long due = lastHavesNanos + parts.settings.deadlines().haveDelay().toNanos() - now;
    if (due <= 0) {
      sendHaves(now);
    } else if (newHaves.size() == 1) {
      timers.startSingleTimer(SendHaves.SEND_HAVES, SendHaves.SEND_HAVES, Duration.ofNanos(due));
    }
    freed.forEach(partner -> assign(partner, now));
  }

  private void sendHaves(long now) {
    if (newHaves.isEmpty()) {
      return;
    }
    int[] pieces = newHaves.stream().mapToInt(Integer::intValue).toArray();
    newHaves = new ArrayList<>();
    lastHavesNanos = now;
    for (Partner partner : partners.values()) {
      boolean hides = partner.remote.foreign() && blob.state() != State.SEALED;
      if (!partner.has.isFull() && !hides) {
        partner.session.tell(new SessionCommand.Haves(pieces));
      }
    }
  }

  private void onLost(int piece, long now) {
    if (!have.has(piece)) {
      return;
    }
    have.remove(piece);
    picker.lost(piece);
    for (Partner partner : partners.values()) {
      if (partner.has.has(piece)) {
        partner.useful++;
        updateInterest(partner);
      }
    }
    dial(now);
    assignAll(now);
  }

  private void onReaders(long now) {
    readers = blob.readerPieces();
    boolean wantedNow = blob.isWanted();
    if (wantedNow != wanted) {
      wanted = wantedNow;
      partners.values().forEach(this::updateInterest);
      dial(now);
      assignAll(now);
    }
  }

  private void updateInterest(Partner partner) {
    boolean interested = partner.useful > 0 && wanted;
    if (interested != partner.interested) {
      partner.interested = interested;
      partner.session.tell(new SessionCommand.Interest(interested));
    }
  }

  private void onPieceEnded(PieceEnded ended, long now) {
    int piece = ended.piece;
    InetSocketAddress address = ended.remote.address();
    Partner partner = partners.get(ended.session.id());
    if (partner != null) {
      partner.room = ended.room;
      partner.lastUseNanos = now;
    }
    switch (ended.outcome) {
      case STORED, DUPLICATE -> ledger.delivered(address, ended.nanos);
      case WRONG_HASH -> {
        LOG.warn("Peer {} sent a wrong piece {} of {}", address, piece, blob.digest());
        ledger.lied(address, now);
        ended.session.tell(new SessionCommand.Close("sent a wrong piece"));
      }
      case STALLED -> ledger.stalled(address);
      case NOT_STORED, REFUSED -> {}
    }
    boolean orphaned = flights.ended(piece, ended.session.id());
    if (partner != null) {
      partner.fetching.remove(piece);
    }
    switch (ended.outcome) {
      case STORED, DUPLICATE -> onStored(piece, now);
      case REFUSED -> {
        if (partner != null && !partner.choking) {
          hasNot(partner, piece);
        }
      }
      case NOT_STORED -> pausedUntilNanos = now + PAUSE.toNanos();
      case WRONG_HASH, STALLED -> {}
    }
    if (orphaned && !have.has(piece)) {
      picker.giveBack(piece);
      assignAll(now);
    } else if (partner != null) {
      assign(partner, now);
    }
  }

  /** The peer said it had the piece and would not send it. */
  private void hasNot(Partner partner, int piece) {
    if (partner.has.has(piece)) {
      if (partner.uncounted) {
        partner.has = partner.has.copy();
        partner.uncounted = false;
        partner.has.stream().forEach(picker::peerHas);
      }
      partner.has.remove(piece);
      picker.peerLost(piece);
      partner.useful -= have.has(piece) ? 0 : 1;
      updateInterest(partner);
    }
  }

  /** Those that were late come last: they get what nobody else takes. */
  private void assignAll(long now) {
    List<Partner> inTurn = new ArrayList<>(partners.values());
    Collections.rotate(inTurn, turn++);
    for (Partner partner : inTurn) {
      if (!ledger.isSlow(partner.remote.address())) {
        assign(partner, now);
      }
    }
    for (Partner partner : inTurn) {
      assign(partner, now);
    }
  }

  private void assign(Partner partner, long now) {
    if (partner.choking || !wantsMore() || now - pausedUntilNanos < 0) {
      return;
    }
    boolean slow = ledger.isSlow(partner.remote.address());
    int room = slow ? 1 : partner.room;
    while (partner.fetching.size() < room) {
      int window = slow ? 0 : window();
      int piece = slow ? -1 : urgent(partner, now);
      if (piece < 0) {
        piece = picker.pick(partner.has, readers, window);
      }
      if (piece < 0 && !slow) {
        piece = endGame(partner, now);
      }
      if (piece < 0) {
        return;
      }
      flights.started(piece, partner.session.id(), now);
      partner.fetching.add(piece);
      partner.session.tell(new SessionCommand.Fetch(piece, ledger.stallNanos()));
    }
  }

  /**
   * How far ahead of the readers to fetch in order. With one source in order throughout; with more,
   * one piece at a time and the rest rarest first, else all peers that read at once would want the
   * same pieces and have nothing for each other.
   */
  private int window() {
    int window = parts.settings.transfer().readerWindow();
    if (partners.size() > 1) {
      for (int reader : readers) {
        for (int piece = reader; piece < Math.min(reader + window, pieceCount); piece++) {
          if (flights.contains(piece)) {
            return 0;
          }
        }
      }
    }
    return window;
  }

  /** What the first reader waits for, when whoever fetches it is much later than others are. */
  private int urgent(Partner partner, long now) {
    if (readers.isEmpty() || !mayDuplicate()) {
      return -1;
    }
    int piece = readers.getFirst();
    boolean late = flights.isLate(piece, partner.session.id(), now, 4 * ledger.lateNanos());
    return late && piece < pieceCount && partner.has.has(piece) ? piece : -1;
  }

  private int endGame(Partner partner, long now) {
    if (picker.openPieces() > 0 || !mayDuplicate()) {
      return -1;
    }
    // While the origin still delivers, everything known is always under way: no reason to hurry.
    long late = known.count() == pieceCount ? ledger.lateNanos() : 8 * ledger.lateNanos();
    return flights.late(partner.session.id(), partner.has, now, late);
  }

  private boolean mayDuplicate() {
    return flights.duplicates() < parts.settings.transfer().endGameDuplicates();
  }

  // ---- time

  private void onTick(long now) {
    dial(now);
    assignAll(now);
    if (wantsMore()
        && partners.size() + dialling.size() < parts.settings.connections().wantPeersBelow()
        && now - askedForPeersNanos >= parts.settings.deadlines().wantPeersInterval().toNanos()) {
      askedForPeersNanos = now;
      membership.wantPeers();
    }
    closeUseless(now);
  }

  /** Neither side can gain from the other any more. */
  private void closeUseless(long now) {
    long useless = parts.settings.deadlines().useless().toNanos();
    for (Partner partner : partners.values()) {
      boolean idle =
          now - partner.lastUseNanos > useless && now - partner.session.lastAskedNanos() > useless;
      if (idle && !partner.interested && partner.has.isFull()) {
        partner.session.tell(new SessionCommand.Close("both have everything"));
      }
    }
  }
}
