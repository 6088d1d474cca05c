package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A pull of one layer in a thread of its own, whose longest pause without a byte is noted. */
final class RunningPull {
  private final Blob layer;
  private final FutureTask<Puller.Outcome> task;
  private volatile long bytes;
  private long lastNanos =
      System.nanoTime(); // of the pulling thread, as longestNanos until it has ended
  private volatile long longestNanos;
  private volatile long faultNanos = Long.MAX_VALUE;
  private volatile long longestSinceFaultNanos;

  private RunningPull(Puller puller, String url, String repository, Blob layer) {
    this.layer = layer;
    this.task =
        new FutureTask<>(() -> puller.pull(url, repository, layer.digest(), this::bytesCame));
  }

  static RunningPull start(Role agent, String repository, Blob layer) {
    return start(agent, repository, layer, "");
  }

  /**
   * @param authorization the header of that name; empty for none
   */
  static RunningPull start(Role agent, String repository, Blob layer, String authorization) {
    RunningPull pull =
        new RunningPull(Puller.create().as(authorization), agent.url(), repository, layer);
    Thread.ofVirtual().name("pull").start(pull.task);
    return pull;
  }

  private void bytesCame(long bytesSoFar) {
    long now = System.nanoTime();
    longestNanos = Math.max(longestNanos, now - lastNanos);
    long fault = faultNanos;
    if (fault != Long.MAX_VALUE) {
      long pause = now - Math.max(lastNanos, fault);
      longestSinceFaultNanos = Math.max(longestSinceFaultNanos, pause);
    }
    lastNanos = now;
    bytes = bytesSoFar;
  }

  /** What has come so far. */
  long bytes() {
    return bytes;
  }

  Duration longestPause() {
    return Duration.ofNanos(longestNanos);
  }

  /** The fault comes now: {@link #longestPauseSinceFault} looks at what comes after. */
  RunningPull disturbedNow() {
    faultNanos = System.nanoTime();
    return this;
  }

  /** The longest time without a byte of all that began, or went on, at the fault or later. */
  Duration longestPauseSinceFault() {
    return Duration.ofNanos(longestSinceFaultNanos);
  }

  /** The longest of these. */
  static Duration longestSinceFault(List<RunningPull> pulls) {
    return pulls.stream()
        .map(RunningPull::longestPauseSinceFault)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  /** Returns when {@code count} bytes have come. */
  RunningPull awaitBytes(long count) {
    Wait.until(count + " bytes of " + layer, Duration.ofSeconds(60), () -> bytes >= count);
    return this;
  }

  Puller.Outcome outcome(Duration limit) throws InterruptedException {
    try {
      return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the pull of %s had %d bytes".formatted(layer, bytes), e);
    }
  }

  /** Waits for the end, which must be the layer. */
  void mustBeRight(Duration limit) throws InterruptedException {
    Puller.Outcome outcome = outcome(limit);
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Puller.Complete.class,
            complete -> assertThat(complete.digest()).isEqualTo(layer.digest()));
  }

  /** Waits for the end, which may be any but a whole body that is wrong. Returns if it is whole. */
  boolean mustNotBeWrong(Duration limit) throws InterruptedException {
    if (outcome(limit) instanceof Puller.Complete complete) {
      assertThat(complete.digest()).isEqualTo(layer.digest());
      return true;
    }
    return false;
  }
}
