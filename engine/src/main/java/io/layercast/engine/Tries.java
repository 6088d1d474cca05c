package io.layercast.engine;

import java.time.Duration;

/**
 * Counts failures in a row and says how long to pause after each: twice as long as after the one
 * before. Progress pardons all failures before it, wherever it came from; the pause is short again
 * only once what failed has worked meanwhile. Pure; not thread-safe.
 */
final class Tries {
  private static final int DOUBLINGS_MAX = 16;

  private final int max;
  private final Duration minPause;
  private final Duration maxPause;
  private int failures;
  private int progressAtFailure;
  private int failuresSinceItWorked;
  private int workedAtFailure;

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
   * @param worked anything that grows by what has failed now
   */
  void failed(int progress, int worked) {
    if (progress > progressAtFailure) {
      failures = 0;
      progressAtFailure = progress;
    }
    if (worked > workedAtFailure) {
      failuresSinceItWorked = 0;
      workedAtFailure = worked;
    }
    failures++;
    failuresSinceItWorked++;
  }

  /** Whether the last failure was one too many. */
  boolean areUsedUp() {
    return failures > max;
  }

  /** Pardons all failures. */
  void renew() {
    failures = 0;
  }

  /** How long to wait after the last failure. */
  Duration pause() {
    Duration doubled =
        minPause.multipliedBy(1L << Math.clamp(failuresSinceItWorked - 1L, 0, DOUBLINGS_MAX));
    return doubled.compareTo(maxPause) < 0 ? doubled : maxPause;
  }
}
