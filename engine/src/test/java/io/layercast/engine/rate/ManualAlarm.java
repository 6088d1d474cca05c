package io.layercast.engine.rate;

import java.util.Comparator;
import java.util.PriorityQueue;

/** A clock moved by hand and the alarms set on it. */
final class ManualAlarm implements RateLimiter.Alarm {
  private record Due(long atNanos, long order, Runnable task) {}

  private final PriorityQueue<Due> due =
      new PriorityQueue<>(Comparator.comparingLong(Due::atNanos).thenComparingLong(Due::order));
  private final long latenessNanos;
  private long now;
  private long alarms;

  /**
   * @param latenessNanos by which every alarm comes after its time
   */
  ManualAlarm(long latenessNanos) {
    this.latenessNanos = latenessNanos;
  }

  long now() {
    return now;
  }

  /** How many alarms are set. */
  int pending() {
    return due.size();
  }

  /** How many alarms were ever set. */
  long alarms() {
    return alarms;
  }

  void advance(long nanos) {
    long end = now + nanos;
    for (Due next = due.peek(); next != null && next.atNanos <= end; next = due.peek()) {
      due.remove();
      now = next.atNanos;
      next.task.run();
    }
    now = end;
  }

  @Override
  public Cancellable after(long nanos, Runnable task) {
    Due set = new Due(now + nanos + latenessNanos, alarms++, task);
    due.add(set);
    return () -> due.remove(set);
  }
}
