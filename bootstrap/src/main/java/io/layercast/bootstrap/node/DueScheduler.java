package io.layercast.bootstrap.node;

import akka.actor.AbstractScheduler;
import akka.actor.Cancellable;
import akka.actor.Scheduler.TaskRunOnClose;
import akka.event.LoggingAdapter;
import com.typesafe.config.Config;
import java.io.Closeable;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import scala.concurrent.ExecutionContext;
import scala.concurrent.duration.FiniteDuration;

/**
 * Akka's timers on a timer of the JDK, whose thread sleeps until one is due. Akka's own wakes at
 * each tick, due or not, which was half of what an idle agent took. Tasks run where whoever
 * scheduled them says, not on the timer's thread.
 */
public final class DueScheduler extends AbstractScheduler implements Closeable {
  private final LoggingAdapter log;
  private final ScheduledThreadPoolExecutor timer;
  private final Set<DueTask> atTheEnd = ConcurrentHashMap.newKeySet();

  /** As Akka calls it. */
  public DueScheduler(Config config, LoggingAdapter log, ThreadFactory threads) {
    this.log = log;
    this.timer = new ScheduledThreadPoolExecutor(1, threads);
    timer.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Cancellable scheduleOnce(
      FiniteDuration delay, Runnable runnable, ExecutionContext executor) {
    boolean isForTheEnd = runnable instanceof TaskRunOnClose;
    DueTask task = new DueTask(runnable, executor, isForTheEnd ? atTheEnd::remove : _ -> {});
    if (isForTheEnd) {
      atTheEnd.add(task);
    }
    start(task, delay.toNanos());
    return task;
  }

  /** What Akka's own fixed rates come down to. */
  @Override
  @SuppressWarnings("deprecation") // to be called, not to be written
  public Cancellable schedule(
      FiniteDuration initialDelay,
      FiniteDuration interval,
      Runnable runnable,
      ExecutionContext executor) {
    RepeatedTask task = new RepeatedTask(runnable, interval.toNanos(), executor, this::start);
    task.begin(initialDelay.toNanos());
    return task;
  }

  private void start(DueTask task, long delayNanos) {
    try {
      task.dueBy(timer.schedule(task, delayNanos, TimeUnit.NANOSECONDS));
    } catch (RejectedExecutionException e) {
      var _ = task.cancel();
      throw new IllegalStateException("the scheduler has ended", e); // as Akka wants it
    }
  }

  @Override
  public double maxFrequency() {
    return 1_000;
  }

  /** What must not be lost, the end of dispatchers, is done now; the rest is forgotten. */
  @Override
  public void close() {
    timer.shutdownNow();
    for (DueTask task : atTheEnd) {
      try {
        task.runHere();
      } catch (RuntimeException e) {
        log.error(e, "a task at the scheduler's end failed");
      }
    }
  }
}
