package io.layercast.swarm;

/**
 * How often something may be asked: so many times a second, and twice as many at once after a rest.
 * Pure; not thread-safe. Time comes in as nanoseconds.
 */
final class AskBudget {
  private final double full;
  private final double perNano;
  private double left;
  private long refilledNanos;

  AskBudget(int perSecond, long nowNanos) {
    this.full = 2.0 * perSecond;
    this.perNano = perSecond / 1e9;
    this.left = full;
    this.refilledNanos = nowNanos;
  }

  /** Whether it may be asked now; then it counts as asked. */
  boolean spend(long nowNanos) {
    left = Math.min(full, left + (nowNanos - refilledNanos) * perNano);
    refilledNanos = nowNanos;
    if (left < 1) {
      return false;
    }
    left--;
    return true;
  }
}
