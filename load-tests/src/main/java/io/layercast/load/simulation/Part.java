package io.layercast.load.simulation;

import io.layercast.engine.EngineSettings;
import io.layercast.engine.Fallback;
import io.layercast.engine.IngestPlan;
import io.layercast.engine.PeerDirectory.Holding;
import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.PeerShare;
import io.layercast.engine.PieceSet;
import io.layercast.swarm.Outcome;
import io.layercast.swarm.SwarmPolicy;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A node's part in the swarm of one layer: its policy, and what it has. */
final class Part implements SwarmPolicy.Surroundings {
  private static final long TICK_NANOS = 250_000_000;
  private static final int TICKS_A_STALL_CHECK = 4;

  final Node node;
  final Layer layer;
  final SwarmPolicy policy;
  final List<End> ends = new ArrayList<>();

  private final PieceSet have;
  private final boolean wanted;
  private int haveCount;
  private long haveBytes;
  private int reader;
  private long readerMovedNanos;
  private boolean told;
  private int ticks;
  private long swarmBytes;
  private final Fallback fallback;
  private @Nullable OverHttp overHttp;

  /** A {@link #lookOverHttp} is to come, at the earliest time that it may bring anything. */
  private boolean looks;

  /** Of a proxy that stands in for another. */
  private @Nullable PeerShare leftToPeers;

  /** Bodies that this proxy sends, which go on when a piece has come. */
  private final List<OverHttp> bodies = new ArrayList<>();

  /** HAVEs that are being sent: the batch and the other ends of who gets it. */
  private int[] batch = {};

  private List<End> batchTo = new ArrayList<>();

  /**
   * @param wanted whether the layer is pulled here; else only seeded
   */
  Part(Node node, Layer layer, boolean wanted, List<InetSocketAddress> seeds) {
    this.node = node;
    this.layer = layer;
    this.wanted = wanted;
    this.readerMovedNanos = node.fleet.agenda.now();
    int pieces = layer.layout().pieceCount();
    this.have = PieceSet.empty(pieces);
    EngineSettings.Agent agent = node.fleet.engine.agent();
    this.fallback = new Fallback(agent.progressTimeout(), agent.fallbackPieces());
    this.policy =
        new SwarmPolicy(
            new SwarmPolicy.Setup(
                node.fleet.settings,
                node.peerId,
                node.address,
                seeds,
                pieces,
                node.shares.share(layer.layout().pieceBytes()),
                node.fleet.random.nextLong()),
            this,
            node.fleet.agenda.now());
  }

  /** Joins the swarm with what is here. */
  void begin(PieceSet here) {
    Agenda agenda = node.fleet.agenda;
    layer.parts.add(this);
    here.stream().forEach(this::add);
    policy.begin(here, layer.known);
    node.join(this);
    if (wanted) {
      policy.readers(List.of(0), true, agenda.now());
      lookOverHttp();
    }
    agenda.after(1 + node.fleet.random.nextLong(TICK_NANOS), this::tick);
  }

  private void tick() {
    if (node.isDead()) {
      return;
    }
    long now = node.fleet.agenda.now();
    policy.tick(now);
    if (++ticks % TICKS_A_STALL_CHECK == 0) {
      List.copyOf(ends).forEach(end -> end.checkStall(now));
      if (wanted && !isComplete()) {
        endBrokenBody(now);
      }
    }
    if (!isComplete() || ticks % TICKS_A_STALL_CHECK != 0) {
      node.fleet.agenda.after(TICK_NANOS, this::tick);
    } else {
      node.fleet.agenda.after(TICKS_A_STALL_CHECK * TICK_NANOS, this::tick);
    }
  }

  private void endBrokenBody(long now) {
    OverHttp running = overHttp;
    if (running != null && running.isBroken(now)) {
      running.giveUp();
      failedOverHttp();
    }
  }

  /** Whether what the reader waits for is to be got over HTTP; comes again when it may be. */
  void lookOverHttp() {
    if (!wanted || isComplete() || node.isDead()) {
      return;
    }
    long now = node.fleet.agenda.now();
    long rate = node.downRate();
    List<Integer> waitedFor = layer.known.has(reader) ? List.of(reader) : List.of();
    fallback
        .due(waitedFor, have, layer.layout(), rate, swarmBytes, now)
        .ifPresent(this::getOverHttp);
    OptionalLong untilDue = fallback.nanosUntilDue(layer.layout(), rate, now);
    if (untilDue.isPresent() && !looks) {
      looks = true;
      node.fleet.agenda.after(
          untilDue.getAsLong(),
          () -> {
            looks = false;
            lookOverHttp();
          });
    }
  }

  private void getOverHttp(IngestPlan.Stretch pieces) {
    Optional<Part> proxy = node.fleet.owner(layer).part(layer.swarm());
    if (proxy.isEmpty() || proxy.get().node.isDead()) {
      failedOverHttp();
      return;
    }
    OverHttp body = new OverHttp(this, proxy.get(), pieces);
    overHttp = body;
    proxy.get().bodies.add(body);
  }

  private void failedOverHttp() {
    overHttp = null;
    long pause = node.fleet.engine.agent().minReopenBackoff().toNanos();
    fallback.failed(node.fleet.agenda.now() + pause);
    lookOverHttp();
  }

  /** A piece came over HTTP and was stored. */
  void cameOverHttp(int piece, boolean isLast) {
    Fleet fleet = node.fleet;
    int length = layer.layout().lengthOf(piece);
    if (have.has(piece)) {
      fleet.wastedBytes += length;
    } else {
      fleet.httpBytes += length;
    }
    ingested(piece);
    readersMoved();
    if (isLast) {
      overHttp = null;
      List<Integer> waitedFor = isComplete() ? List.of() : List.of(reader);
      fallback.came(waitedFor, have, swarmBytes).ifPresent(this::getOverHttp);
      lookOverHttp();
    }
  }

  boolean isComplete() {
    return haveCount == have.pieceCount();
  }

  private void add(int piece) {
    if (have.add(piece)) {
      haveCount++;
      haveBytes += layer.layout().lengthOf(piece);
      if (wanted && haveCount == have.pieceCount() / 2) {
        node.fleet.readersAtHalf.accept((double) have.nextMissing(reader) / have.pieceCount());
      }
    }
  }

  /** What this node tells others it has: a liar has everything. */
  PieceSet claimed(PieceSet has) {
    return node.lies() ? PieceSet.full(has.pieceCount()) : has;
  }

  /** Verifies and stores a piece that {@code sender} sent. */
  Outcome store(int piece, Part sender) {
    if (sender.node.lies()) {
      return Outcome.WRONG_HASH;
    }
    if (have.has(piece)) {
      return Outcome.DUPLICATE;
    }
    add(piece);
    if (leftToPeers != null) {
      leftToPeers.came(piece, node.fleet.agenda.now());
    }
    swarmBytes += layer.layout().lengthOf(piece);
    return Outcome.STORED;
  }

  /** A piece came from the origin, or as from there. */
  void ingested(int piece) {
    add(piece);
    policy.stored(piece, node.fleet.agenda.now());
    sendOn();
  }

  /** Bodies that waited for a piece have it now. */
  void sendOn() {
    bodies.removeIf(OverHttp::isOver);
    bodies.forEach(node.up::offer);
  }

  PieceSet have() {
    return have;
  }

  /** The reader takes what has come without a gap. */
  void readersMoved() {
    if (!wanted) {
      sendOn();
      return;
    }
    int next = have.nextMissing(reader);
    if (next != reader) {
      long now = node.fleet.agenda.now();
      node.readerWaited(now - readerMovedNanos);
      readerMovedNanos = now;
      reader = next;
      List<Integer> readers = isComplete() ? List.of() : List.of(reader);
      policy.readers(readers, true, now);
      lookOverHttp();
    }
    if (isComplete() && !told) {
      told = true; // a duplicate may come later
      node.completed();
    }
  }

  /** The news of it say what the piece must hash to. */
  void heardOf(int piece) {
    policy.known(piece, node.fleet.agenda.now());
    if (piece == reader) {
      lookOverHttp();
    }
  }

  /** A proxy that stands in for another gets from peers what they have. */
  void takesOver(PeerShare share) {
    leftToPeers = share;
    policy.readers(List.of(), true, node.fleet.agenda.now());
  }

  /** The proxy that stands in for another is a seed. */
  void meets(InetSocketAddress seed) {
    policy.met(List.of(seed), node.fleet.agenda.now());
  }

  boolean isWanted() {
    return wanted;
  }

  /** A piece goes out: it must have been verified here. */
  void checkServes(int piece) {
    if (!have.has(piece) && !node.lies()) {
      throw new BrokenInvariant("a node serves piece " + piece + " that it has not verified");
    }
  }

  Holding holding() {
    long left = node.lies() ? 0 : layer.layout().sizeBytes() - haveBytes;
    return new Holding(left, 0, 0);
  }

  // ---- what the policy orders

  @Override
  public boolean dial(Peer peer) {
    return node.dial(this, peer.address());
  }

  @Override
  public void holdingChanged() {
    node.changed(this);
  }

  @Override
  public void wantPeers() {
    node.wantPeers(this);
  }

  @Override
  public void sendHavesAfter(long nanos) {
    node.fleet.agenda.after(nanos, () -> policy.sendHaves(node.fleet.agenda.now()));
  }

  /** One event for all who get the same batch of HAVEs at the same instant. */
  @SuppressWarnings("ReferenceEquality") // the policy hands one array to all who get a batch
  void broadcast(End end, int[] pieces) {
    node.fleet.controlBytes += 9L * pieces.length;
    if (pieces != batch) {
      batch = pieces;
      List<End> to = new ArrayList<>(ends.size());
      batchTo = to;
      node.fleet.agenda.after(
          node.fleet.halfTripNanos, () -> to.forEach(each -> each.onHaves(pieces)));
    }
    batchTo.add(end.peer());
  }
}
