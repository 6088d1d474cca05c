package io.layercast.engine;

import java.time.Duration;

/**
 * Counts failures in a row and says how long to pause after each: twice as long as after the one
 * before. Progress pardons all failures before it. Pure; not thread-safe.
 */
final class Tries {
  private static final int DOUBLINGS_MAX = 16;

  private final int max;
  private final Duration minPause;
  private final Duration maxPause;
  private int failures;
  private int progressAtFailure;

  /**
   * @param max failures in a row that may be tried again
   */
  Tries(int max, Duration minPause, Duration maxPause) {
    this.max = max;
    this.minPause = minPause;
    this.maxPause = maxPause;
  }

  /**
   * One more failure.
   *
   * @param progress anything that grows, as a count of pieces
   */
  void failed(int progress) {
    if (progress > progressAtFailure) {
      failures = 0;
      progressAtFailure = progress;
    }
    failures++;
  }

  /** Whether the last failure was one too many. */
  boolean areUsedUp() {
    return failures > max;
  }

  /** Starts counting anew. */
  void renew() {
    failures = 0;
  }

  /** How long to wait after the last failure. */
  Duration pause() {
    Duration doubled = minPause.multipliedBy(1L << Math.clamp(failures - 1L, 0, DOUBLINGS_MAX));
    return doubled.compareTo(maxPause) < 0 ? doubled : maxPause;
  }
}
