package io.layercast.tracker;

import io.layercast.engine.SwarmId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The peers of one swarm, kept so that drawing, adding and removing one cost O(1). */
public final class Swarm {
  static final long NOT_V4 = -1;

  /** A peer at an address, in all its swarms. */
  static final class Node {
    final PeerAddress address;
    final Map<SwarmId, Entry> entries = new HashMap<>();
    byte[] peerId = new byte[0];
    boolean proxy;
    boolean vouchedFor;

    Node(PeerAddress address) {
      this.address = address;
    }
  }

  /** A peer in one swarm. */
  public static final class Entry implements HandoutPolicy.Candidate {
    final Node node;
    final SwarmId swarm;

    /** {@link PeerAddress#packedV4}, or NOT_V4: a handout looks no further, so not into memory. */
    final long packedV4;

    Optional<SwarmId> alias = Optional.empty();
    boolean complete;
    long lastSeenNanos;
    @Nullable Silence silence;
    @Nullable Entry before;
    @Nullable Entry after;
    private List<Entry> pool = List.of();
    private boolean placedAsProxy;
    private int index;

    Entry(Node node, SwarmId swarm) {
      this.node = node;
      this.swarm = swarm;
      this.packedV4 = node.address.isV4() ? node.address.packedV4() : NOT_V4;
    }

    /** Where it listens. */
    public PeerAddress address() {
      return node.address;
    }

    @Override
    public boolean isComplete() {
      return complete;
    }

    @Override
    public Optional<SwarmId> alias() {
      return alias;
    }
  }

  private final List<Entry> proxies = new ArrayList<>();
  private final List<Entry> seeds = new ArrayList<>();
  private final List<Entry> leechers = new ArrayList<>();
  private int complete;
  private int downloads;

  int size() {
    return proxies.size() + seeds.size() + leechers.size();
  }

  int complete() {
    return complete;
  }

  int incomplete() {
    return size() - complete;
  }

  /** How many were told of that completed, since this tracker began. */
  int downloads() {
    return downloads;
  }

  void countDownload() {
    downloads++;
  }

  HandoutPolicy.Pools<Entry> pools() {
    return new HandoutPolicy.Pools<>(proxies, seeds, leechers);
  }

  /** Adds the entry, or moves it to the pool its state asks for. */
  void place(Entry entry, boolean isComplete) {
    if (!entry.pool.isEmpty()
        && entry.complete == isComplete
        && entry.placedAsProxy == entry.node.proxy) {
      return;
    }
    remove(entry);
    entry.complete = isComplete;
    entry.placedAsProxy = entry.node.proxy;
    entry.pool = entry.node.proxy ? proxies : isComplete ? seeds : leechers;
    entry.index = entry.pool.size();
    entry.pool.add(entry);
    complete += isComplete ? 1 : 0;
  }

  /** Takes the entry out; nothing happens when it is not in. */
  void remove(Entry entry) {
    if (entry.pool.isEmpty()) {
      return;
    }
    Entry last = entry.pool.removeLast();
    if (last != entry) {
      entry.pool.set(entry.index, last);
      last.index = entry.index;
    }
    entry.pool = List.of();
    complete -= entry.complete ? 1 : 0;
  }
}
