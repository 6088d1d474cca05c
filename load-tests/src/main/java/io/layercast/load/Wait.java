package io.layercast.load;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Bounded waiting for something another process does: asks every 20 ms until it holds. */
final class Wait {
  private static final long STEP_NANOS = 20_000_000;

  private Wait() {}

  /**
   * Returns once {@code condition} holds.
   *
   * @param what completes "waited 5 s for …" in the error
   * @throws IllegalStateException when it did not hold in time; its cause is the last error the
   *     condition itself threw
   */
  static void until(String what, Duration limit, Callable<Boolean> condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    @Nullable Exception last = null;
    while (true) {
      try {
        if (condition.call()) {
          return;
        }
        last = null;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for " + what, e);
      } catch (Exception e) {
        last = e;
      }
      if (System.nanoTime() >= deadline) {
        throw new IllegalStateException(
            "waited " + limit.toSeconds() + " s for " + what + ", in vain", last);
      }
      LockSupport.parkNanos(STEP_NANOS);
    }
  }
}
