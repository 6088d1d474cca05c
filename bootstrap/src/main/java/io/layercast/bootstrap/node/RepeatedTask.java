package io.layercast.bootstrap.node;

import akka.actor.Cancellable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import scala.concurrent.ExecutionContext;

/**
 * Something that is to be run at a fixed rate until it is cancelled or throws; never by two threads
 * at once: a run that takes longer than its interval delays the next.
 */
final class RepeatedTask implements Runnable, Cancellable {
  /** Has a task run after so long. */
  @FunctionalInterface
  interface Timer {
    void start(DueTask task, long delayNanos);
  }

  private final Runnable task;
  private final long intervalNanos;
  private final ExecutionContext executor;
  private final Timer timer;

  /** Null once it is cancelled. */
  private final AtomicReference<@Nullable DueTask> next;

  private long dueNanos;

  RepeatedTask(Runnable task, long intervalNanos, ExecutionContext executor, Timer timer) {
    this.task = task;
    this.intervalNanos = intervalNanos;
    this.executor = executor;
    this.timer = timer;
    this.next = new AtomicReference<>(newTask());
  }

  private DueTask newTask() {
    return new DueTask(this, executor, _ -> {});
  }

  void begin(long delayNanos) {
    dueNanos = System.nanoTime() + delayNanos;
    DueTask first = next.get();
    if (first != null) {
      timer.start(first, delayNanos);
    }
  }

  /** On the executor. */
  @Override
  public void run() {
    task.run();
    DueTask done = next.get();
    DueTask following = newTask();
    if (done != null && next.compareAndSet(done, following)) {
      dueNanos += intervalNanos;
      try {
        timer.start(following, Math.max(0, dueNanos - System.nanoTime()));
      } catch (IllegalStateException e) { // the node ends
        var _ = cancel();
      }
    }
  }

  @Override
  public boolean cancel() {
    DueTask last = next.getAndSet(null);
    if (last == null) {
      return false;
    }
    var _ = last.cancel();
    return true;
  }

  @Override
  public boolean isCancelled() {
    return next.get() == null;
  }
}
