package io.layercast.load.simulation;

import io.layercast.engine.PieceSet;
import io.layercast.engine.SwarmId;
import io.layercast.swarm.PieceShares;
import io.layercast.swarm.Remote;
import io.layercast.swarm.wire.PeerId;
import io.layercast.tracker.Inventory;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/** An agent or a proxy: its rates, its buffers, its parts in swarms, its word to the tracker. */
final class Node {
  /** What is wrong with it. */
  enum Health {
    HEALTHY,
    DYING,
    SLOW,
    LYING
  }

  final Fleet fleet;
  final InetSocketAddress address;
  final PeerId peerId;
  final Uplink up;
  final Downlink down;
  final Desk desk;
  final PieceShares shares;
  final boolean proxy;
  final Health health;

  private final Inventory inventory;
  private final Map<SwarmId, Part> parts = new HashMap<>();
  private final ArrayDeque<Integer> layersToPull = new ArrayDeque<>();
  private List<End> waitingForBuffer = new ArrayList<>();
  private final long downRate;
  private long lentBufferBytes;
  private boolean dead;
  private boolean killed;
  private int connections;
  private int mostConnections;
  private int pulling;
  private long beganNanos = -1;
  private long doneNanos = -1;
  private long lastProgressNanos;
  private long longestPauseNanos;
  private long longestReaderPauseNanos;
  private long wakeAtNanos = Long.MAX_VALUE;

  Node(
      Fleet fleet,
      InetSocketAddress address,
      boolean proxy,
      Health health,
      long downRate,
      long upRate) {
    this.fleet = fleet;
    this.address = address;
    this.proxy = proxy;
    this.health = health;
    byte[] id = new byte[PeerId.BYTES];
    fleet.random.nextBytes(id);
    this.peerId = PeerId.of(id);
    this.up = new Uplink(fleet.agenda, upRate);
    this.down = new Downlink(downRate);
    this.desk = new Desk(fleet.agenda, up, fleet.transfer);
    this.inventory =
        new Inventory(
            fleet.trackerSettings.client(),
            new SplittableRandom(fleet.random.nextLong()),
            fleet.agenda.now());
    this.downRate = downRate;
    this.shares =
        new PieceShares(
            (pieceBytes, sharers) -> fleet.buffers.piecesEach(pieceBytes, sharers, downRate));
  }

  boolean isDead() {
    return dead;
  }

  boolean lies() {
    return health == Health.LYING;
  }

  /** Loses its power: says nothing any more. */
  void die() {
    dead = true;
  }

  /** Its process ends: its connections with it. */
  void kill() {
    killed = true;
    parts.values().forEach(part -> List.copyOf(part.ends).forEach(end -> end.close("killed")));
    fleet.agenda.after(0, this::die);
  }

  long downRate() {
    return downRate;
  }

  Optional<Part> part(SwarmId swarm) {
    return Optional.ofNullable(parts.get(swarm));
  }

  int mostConnections() {
    return mostConnections;
  }

  // ---- the pull

  /** The runtime asks for the image's layers, so many at a time. */
  void pull(List<Integer> layers, int atOnce) {
    beganNanos = fleet.agenda.now();
    lastProgressNanos = beganNanos;
    layersToPull.addAll(layers);
    pulling = 0;
    for (int i = 0; i < atOnce; i++) {
      pullNext();
    }
  }

  private void pullNext() {
    Integer layer = layersToPull.poll();
    if (layer != null) {
      pulling++;
      fleet.ticket(this, layer);
    } else if (pulling == 0) {
      doneNanos = fleet.agenda.now();
      fleet.done(this);
    }
  }

  /** The proxy named the swarm and a seed. */
  void begin(Layer layer, InetSocketAddress seed) {
    if (dead) {
      return;
    }
    Part part = new Part(this, layer, true, List.of(seed));
    parts.put(layer.swarm(), part);
    part.begin(PieceSet.empty(layer.layout().pieceCount()));
  }

  /** A proxy has or will have this layer. */
  Part seeds(Layer layer, PieceSet have) {
    Part part = new Part(this, layer, false, List.of());
    parts.put(layer.swarm(), part);
    part.begin(have);
    return part;
  }

  /** One of its layers is here whole. */
  void completed() {
    pulling--;
    pullNext();
  }

  void progress(long now) {
    longestPauseNanos = Math.max(longestPauseNanos, now - lastProgressNanos);
    lastProgressNanos = now;
  }

  long longestPauseNanos() {
    return longestPauseNanos;
  }

  /** A local reader of one of its layers has got something after so long. */
  void readerWaited(long nanos) {
    longestReaderPauseNanos = Math.max(longestReaderPauseNanos, nanos);
  }

  long longestReaderPauseNanos() {
    return longestReaderPauseNanos;
  }

  boolean isDone() {
    return doneNanos >= 0;
  }

  long tookNanos() {
    return doneNanos - beganNanos;
  }

  // ---- buffers

  boolean takeBuffer(End end, int bytes) {
    if (!fleet.buffers.allows(lentBufferBytes, bytes, downRate)) {
      if (!end.waitsForBuffer) {
        end.waitsForBuffer = true;
        waitingForBuffer.add(end);
      }
      return false;
    }
    lentBufferBytes += bytes;
    return true;
  }

  void giveBuffer(int bytes) {
    lentBufferBytes -= bytes;
    if (!waitingForBuffer.isEmpty()) {
      List<End> woken = waitingForBuffer;
      waitingForBuffer = new ArrayList<>();
      fleet.agenda.after(0, () -> woken.forEach(End::bufferFree));
    }
  }

  // ---- connections

  /** Three round trips: TCP, the handshakes, the proofs. Says whether there was room. */
  boolean dial(Part part, InetSocketAddress to) {
    if (connections >= fleet.settings.connections().max()) {
      return false;
    }
    count(1);
    Node other = fleet.node(to);
    long half = fleet.halfTripNanos;
    fleet.controlBytes += 2 * 400;
    if (other.dead) {
      long refusal = other.killed ? 2 * half : fleet.connectNanos;
      fleet.agenda.after(refusal, () -> notDialled(part, to));
    } else {
      fleet.agenda.after(
          half,
          () -> {
            Optional<Part> entrance = other.part(part.layer.swarm());
            if (entrance.isEmpty() || other.connections >= fleet.settings.connections().max()) {
              fleet.agenda.after(half, () -> notDialled(part, to));
              return;
            }
            other.count(1);
            fleet.agenda.after(4 * half, () -> opened(part, other, entrance.get()));
          });
    }
    return true;
  }

  private void notDialled(Part part, InetSocketAddress to) {
    count(-1);
    if (!dead) {
      part.policy.dialEnded(to, fleet.agenda.now());
    }
  }

  private void opened(Part own, Node other, Part others) {
    if (other.killed) {
      notDialled(own, other.address);
      return;
    }
    End end = new End(own, new Remote(other.peerId, other.address, true, false));
    End far = new End(others, new Remote(peerId, address, false, false));
    end.joins(far);
    far.joins(end);
    own.ends.add(end);
    others.ends.add(far);
    fleet.agenda.after(
        fleet.halfTripNanos,
        () -> {
          if (!dead) {
            own.policy.opened(end, end.remote, fleet.agenda.now());
          }
        });
    if (!other.dead) {
      others.policy.opened(far, far.remote, fleet.agenda.now());
    }
  }

  void closed(End end) {
    count(-1);
    end.part.ends.remove(end);
    desk.left(end);
  }

  private void count(int change) {
    connections += change;
    mostConnections = Math.max(mostConnections, connections);
  }

  // ---- the tracker

  void join(Part part) {
    inventory.join(part.layer.swarm(), fleet.agenda.now());
    announce();
  }

  void changed(Part part) {
    inventory.changed(part.layer.swarm(), fleet.agenda.now());
    announce();
  }

  void wantPeers(Part part) {
    inventory.wantPeers(part.layer.swarm());
    announce();
  }

  /** Sends what is due and comes back when more is. */
  void announce() {
    if (dead) {
      return;
    }
    long now = fleet.agenda.now();
    inventory
        .next(now, swarm -> fleet.partOf(this, swarm).holding())
        .ifPresent(request -> fleet.tracker.announce(this, request));
    OptionalLong wake = inventory.wakeAtNanos(now);
    if (wake.isPresent() && (wake.getAsLong() < wakeAtNanos || wakeAtNanos <= now)) {
      long at = wake.getAsLong();
      wakeAtNanos = at;
      fleet.agenda.at(
          Math.max(at, now + 1),
          () -> {
            if (wakeAtNanos == at) {
              wakeAtNanos = Long.MAX_VALUE;
              announce();
            }
          });
    }
  }

  /** The tracker answered. */
  Inventory inventory() {
    return inventory;
  }
}
