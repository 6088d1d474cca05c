package io.layercast.tracker;

import io.layercast.engine.SwarmId;
import io.layercast.tracker.Swarm.Entry;
import io.layercast.tracker.Swarm.Node;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The swarms and their peers, as long as these keep announcing. Bounded: beyond a bound a peer is
 * answered but not listed. Times are nanoseconds on any clock that does not go back.
 */
public final class SwarmTable {
  private final TrackerSettings.Limits limits;
  private final HandoutPolicy policy;
  private final long forgetAfterNanos;
  private final long forgetForeignAfterNanos;

  private final Map<SwarmId, Swarm> swarms = new HashMap<>();
  private final Map<PeerAddress, Node> nodes = new HashMap<>();
  private final Map<ByteBuffer, Integer> nodesByIp = new HashMap<>();

  /** Two, since the two kinds are forgotten after different times. */
  private final Silence ours = new Silence();

  private final Silence foreign = new Silence();
  private long refusals;

  public SwarmTable(TrackerSettings settings, HandoutPolicy policy) {
    this.limits = settings.limits();
    this.policy = policy;
    this.forgetAfterNanos = settings.forgetAfter().toNanos();
    this.forgetForeignAfterNanos = settings.forgetForeignAfter().toNanos();
  }

  /**
   * Who announces.
   *
   * @param marksForeign whether it can be told of standard clients and their aliases
   * @param vouchedFor whether it has proven to be of the cluster. Where such a one is listed,
   *     nobody else changes anything at its address
   */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  public record Who(
      PeerAddress address, byte[] peerId, boolean proxy, boolean marksForeign, boolean vouchedFor) {
    /** One that has proven nothing. */
    public Who(PeerAddress address, byte[] peerId, boolean proxy, boolean marksForeign) {
      this(address, peerId, proxy, marksForeign, false);
    }
  }

  /** How many peers of a swarm are complete, are not, and have completed in this tracker's time. */
  public record Counts(int complete, int incomplete, int downloads) {}

  /** Lists {@code who} in the swarm, or takes it out when it stopped. Says whether it is listed. */
  public boolean announce(
      Who who, SwarmId id, Optional<SwarmId> alias, long left, Event event, long nowNanos) {
    if (isAnothers(who)) {
      return false;
    }
    if (event == Event.STOPPED) {
      remove(who.address(), id);
      return false;
    }
    Optional<Entry> found = entry(who, id);
    found.ifPresent(entry -> {
      Swarm swarm = swarms.computeIfAbsent(id, _ -> new Swarm());
      if (event == Event.COMPLETED && !entry.complete) {
        swarm.countDownload();
      }
      swarm.place(entry, left == 0);
      entry.alias = alias;
      entry.lastSeenNanos = nowNanos;
      (alias.isEmpty() ? ours : foreign).putLast(entry);
    });
    return found.isPresent();
  }

  /** Peers of the swarm for {@code who}, {@code wanted} at most. */
  public List<Entry> handout(
      Who who, SwarmId id, Optional<SwarmId> alias, boolean complete, int wanted) {
    Swarm swarm = swarms.get(id);
    if (swarm == null || wanted <= 0) {
      return List.of();
    }
    Node self = nodes.get(who.address());
    HandoutPolicy.Asker<Entry> asker =
        new HandoutPolicy.Asker<>(entry -> entry.node == self, complete, alias, who.marksForeign());
    return policy.choose(swarm.pools(), asker, wanted);
  }

  Counts counts(SwarmId id) {
    Swarm swarm = swarms.get(id);
    return swarm == null
        ? new Counts(0, 0, 0)
        : new Counts(swarm.complete(), swarm.incomplete(), swarm.downloads());
  }

  /** Whether anyone is listed in the swarm. */
  boolean contains(SwarmId id) {
    return swarms.containsKey(id);
  }

  /** Forgets {@code who} in every swarm it has not announced at or after {@code sinceNanos}. */
  public void sweep(Who who, long sinceNanos) {
    Node node = nodes.get(who.address());
    if (node != null && !isAnothers(who)) {
      List.copyOf(node.entries.values()).stream()
          .filter(entry -> entry.lastSeenNanos < sinceNanos)
          .forEach(this::remove);
    }
  }

  /** Forgets everyone who has been silent for too long. */
  public void expire(long nowNanos) {
    expire(ours, nowNanos - forgetAfterNanos);
    expire(foreign, nowNanos - forgetForeignAfterNanos);
  }

  int swarmCount() {
    return swarms.size();
  }

  int entryCount() {
    return ours.size() + foreign.size();
  }

  /** How often a bound kept a peer from being listed. */
  long refusals() {
    return refusals;
  }

  private void expire(Silence silentFirst, long sinceNanos) {
    for (Entry silent = silentFirst.first();
        silent != null && silent.lastSeenNanos < sinceNanos;
        silent = silentFirst.first()) {
      remove(silent);
    }
  }

  /** The entry of {@code who} in the swarm, made if the bounds allow. */
  private Optional<Entry> entry(Who who, SwarmId id) {
    Node known = nodes.get(who.address());
    Entry entry = known == null ? null : known.entries.get(id);
    if (entry == null) {
      if (!hasRoomFor(who.address(), known == null, id)) {
        refusals++;
        return Optional.empty();
      }
      Node node = known == null ? add(who.address()) : known;
      entry = new Entry(node, id);
      node.entries.put(id, entry);
    }
    entry.node.peerId = who.peerId();
    // A node that changes sides moves in each swarm at its next announce there.
    entry.node.proxy = who.proxy();
    entry.node.vouchedFor = who.vouchedFor();
    return Optional.of(entry);
  }

  /** Whether a node that was vouched for is listed there, and {@code who} was not. */
  private boolean isAnothers(Who who) {
    Node node = nodes.get(who.address());
    return node != null && node.vouchedFor && !who.vouchedFor();
  }

  private boolean hasRoomFor(PeerAddress address, boolean newNode, SwarmId id) {
    Swarm swarm = swarms.get(id);
    boolean roomInSwarm =
        swarm == null ? swarms.size() < limits.swarms() : swarm.size() < limits.peersPerSwarm();
    boolean roomAtAddress =
        !newNode
            || nodesByIp.getOrDefault(ByteBuffer.wrap(address.ip()), 0) < limits.peersPerAddress();
    return roomInSwarm && roomAtAddress && entryCount() < limits.entries();
  }

  private Node add(PeerAddress address) {
    Node node = new Node(address);
    nodes.put(address, node);
    nodesByIp.merge(ByteBuffer.wrap(address.ip()), 1, Integer::sum);
    return node;
  }

  private void remove(PeerAddress address, SwarmId id) {
    Node node = nodes.get(address);
    Entry entry = node == null ? null : node.entries.get(id);
    if (entry != null) {
      remove(entry);
    }
  }

  private void remove(Entry entry) {
    Silence.take(entry);
    Swarm swarm = swarms.get(entry.swarm);
    if (swarm != null) {
      swarm.remove(entry);
      if (swarm.size() == 0) {
        swarms.remove(entry.swarm);
      }
    }
    Node node = entry.node;
    node.entries.remove(entry.swarm);
    if (node.entries.isEmpty()) {
      nodes.remove(node.address);
      nodesByIp.computeIfPresent(
          ByteBuffer.wrap(node.address.ip()), (_, count) -> count == 1 ? null : count - 1);
    }
  }
}
