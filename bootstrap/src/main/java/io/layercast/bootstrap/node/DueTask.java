package io.layercast.bootstrap.node;

import akka.actor.Cancellable;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import scala.concurrent.ExecutionContext;

/** Something that is to be run once, or not any more. Thread-safe. */
final class DueTask implements Runnable, Cancellable {
  private enum State {
    WAITS,
    STARTED,
    CANCELLED
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.WAITS);
  private final Runnable task;
  private final ExecutionContext executor;
  private final Consumer<DueTask> onOver;
  private volatile @Nullable Future<?> due;

  /**
   * @param onOver told when it has started or was cancelled
   */
  DueTask(Runnable task, ExecutionContext executor, Consumer<DueTask> onOver) {
    this.task = task;
    this.executor = executor;
    this.onOver = onOver;
  }

  /** What will call {@link #run}; cancelled with this. */
  void dueBy(Future<?> by) {
    due = by;
    if (isCancelled()) {
      by.cancel(false);
    }
  }

  /** Hands it to its executor. On the timer's thread. */
  @Override
  public void run() {
    if (becomes(State.STARTED)) {
      try {
        executor.execute(task);
      } catch (RuntimeException e) { // its dispatcher has ended
        executor.reportFailure(e);
      }
    }
  }

  /** Runs it on this thread, unless it has started or was cancelled. */
  void runHere() {
    if (becomes(State.STARTED)) {
      task.run();
    }
  }

  @Override
  public boolean cancel() {
    boolean isNow = becomes(State.CANCELLED);
    Future<?> by = due;
    if (isNow && by != null) {
      by.cancel(false);
    }
    return isNow;
  }

  @Override
  public boolean isCancelled() {
    return state.get() == State.CANCELLED;
  }

  private boolean becomes(State next) {
    boolean isNow = state.compareAndSet(State.WAITS, next);
    if (isNow) {
      onOver.accept(this);
    }
    return isNow;
  }
}
