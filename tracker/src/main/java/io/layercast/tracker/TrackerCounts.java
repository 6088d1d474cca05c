package io.layercast.tracker;

import java.util.concurrent.atomic.LongAdder;

/**
 * What the tracker knows and does while it runs on this node; none of it elsewhere. Thread-safe.
 */
public final class TrackerCounts {
  private final LongAdder announces = new LongAdder();
  private final LongAdder refusals = new LongAdder();
  private volatile boolean isHere;
  private volatile int swarms;
  private volatile int peers;

  /** Whether the singleton runs on this node, as of a second ago. */
  public boolean isHere() {
    return isHere;
  }

  public int swarms() {
    return swarms;
  }

  /** A peer counts once for each swarm it is in. */
  public int peers() {
    return peers;
  }

  /** Swarms that were announced, one for each in a request that names many. */
  public long announces() {
    return announces.sum();
  }

  /** Swarms that were announced and a bound on memory kept the peer from being listed in. */
  public long refusals() {
    return refusals.sum();
  }

  void set(int nowSwarms, int nowPeers) {
    swarms = nowSwarms;
    peers = nowPeers;
    isHere = true;
  }

  void gone() {
    isHere = false;
    swarms = 0;
    peers = 0;
  }

  void announced(int count) {
    announces.add(count);
  }

  void refused(int count) {
    refusals.add(count);
  }
}
