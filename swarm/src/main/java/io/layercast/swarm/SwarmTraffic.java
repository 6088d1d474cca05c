package io.layercast.swarm;

import io.layercast.engine.Swarms.Traffic;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts one swarm's bytes, from any thread. */
final class SwarmTraffic {
  private final Set<InetSocketAddress> seeds = ConcurrentHashMap.newKeySet();
  private final LongAdder fromSeeds = new LongAdder();
  private final LongAdder fromPeers = new LongAdder();
  private final LongAdder uploaded = new LongAdder();
  private final LongAdder wasted = new LongAdder();
  private volatile int peers;

  SwarmTraffic(Collection<InetSocketAddress> seeds) {
    addSeeds(seeds);
  }

  void addSeeds(Collection<InetSocketAddress> more) {
    seeds.addAll(more);
  }

  void downloaded(InetSocketAddress from, long bytes) {
    (seeds.contains(from) ? fromSeeds : fromPeers).add(bytes);
  }

  void uploaded(long bytes) {
    uploaded.add(bytes);
  }

  void wasted(long bytes) {
    wasted.add(bytes);
  }

  void peers(int count) {
    peers = count;
  }

  Traffic snapshot() {
    return new Traffic(fromSeeds.sum(), fromPeers.sum(), uploaded.sum(), wasted.sum(), peers);
  }
}
