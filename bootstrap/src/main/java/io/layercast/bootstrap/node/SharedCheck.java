package io.layercast.bootstrap.node;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A check that is made once for all who ask while it runs or shortly after it began, so that
 * however many ask, it costs the same. Thread-safe.
 */
final class SharedCheck {
  private final Supplier<CompletionStage<Boolean>> check;
  private final long keepNanos;
  private final LongSupplier nanoTime;
  private CompletionStage<Boolean> last = CompletableFuture.completedStage(false);
  private long madeNanos;
  private boolean wasMade;

  /**
   * @param check never fails
   * @param keep how long after its beginning its result is taken for the next one
   * @param nanoTime as {@link System#nanoTime}
   */
  SharedCheck(Supplier<CompletionStage<Boolean>> check, Duration keep, LongSupplier nanoTime) {
    this.check = check;
    this.keepNanos = keep.toNanos();
    this.nanoTime = nanoTime;
  }

  /** What the one that runs will say, or the last said; else a new one. */
  synchronized CompletionStage<Boolean> result() {
    long now = nanoTime.getAsLong();
    boolean isOver = last.toCompletableFuture().isDone() && now - madeNanos >= keepNanos;
    if (!wasMade || isOver) {
      wasMade = true;
      madeNanos = now;
      last = check.get();
    }
    return last;
  }
}
