package io.layercast.tracker;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * How many bytes of bodies are in memory at once, over all connections, and for one address. Bodies
 * come from anybody: without it a thousand connections of four megabytes each are more than the
 * heap. Thread-safe.
 */
final class BodyBudget {
  private final long most;
  private final long mostOfOne;
  private final Map<InetAddress, Long> taken = new HashMap<>();
  private long total;

  /**
   * @param mostOfOne for one address, so that one alone cannot keep the others out
   */
  BodyBudget(long most, long mostOfOne) {
    this.most = most;
    this.mostOfOne = mostOfOne;
  }

  /** Takes room for a body; false, and nothing taken, when there is not enough. */
  synchronized boolean take(InetAddress from, long bytes) {
    long ofOne = taken.getOrDefault(from, 0L) + bytes;
    if (total + bytes > most || ofOne > mostOfOne) {
      return false;
    }
    total += bytes;
    taken.put(from, ofOne);
    return true;
  }

  /** Gives back what {@link #take} took. */
  synchronized void giveBack(InetAddress from, long bytes) {
    total -= bytes;
    taken.computeIfPresent(from, (_, ofOne) -> ofOne == bytes ? null : ofOne - bytes);
  }
}
