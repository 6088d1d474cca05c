package io.layercast.load;

import java.util.concurrent.locks.LockSupport;

/**
 * One wire of bounded rate that all connections of a relay share. A sender reserves its bytes and
 * waits for its turn; turns are first come, first served, so that parallel connections halve the
 * rate among them instead of doubling it.
 */
final class Link {
  /**
   * A thread that overslept may catch up this much: less than one round trip of what we shape, more
   * than the timer's error.
   */
  private static final long CATCH_UP_NANOS = 5_000_000;

  private long bytesPerSecond;
  private long freeAtNanos = System.nanoTime();

  /**
   * @param bytesPerSecond 0 = unbounded
   */
  Link(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  synchronized void setRate(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Returns when {@code bytes} have had their time on the wire. */
  void pass(int bytes) {
    long until = reserve(bytes, System.nanoTime());
    for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /**
   * The instant at which the last of {@code bytes} has left, for bytes that come at {@code now}.
   */
  synchronized long reserve(int bytes, long now) {
    if (bytesPerSecond == 0) {
      return now;
    }
    long start = Math.max(freeAtNanos, now - CATCH_UP_NANOS);
    freeAtNanos = start + bytes * 1_000_000_000L / bytesPerSecond;
    return freeAtNanos;
  }
}
