package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import akka.actor.Cancellable;
import akka.actor.Scheduler.TaskRunOnClose;
import akka.event.NoLogging;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import scala.concurrent.ExecutionContext;

class DueSchedulerTest {
  private static final Duration SOON = Duration.ofMillis(20);
  private static final Duration NEVER = Duration.ofHours(5);

  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final ExecutionContext executor = ExecutionContext.fromExecutor(threads);
  private final AtomicInteger failures = new AtomicInteger();
  private final Semaphore runs = new Semaphore(0);
  private final DueScheduler scheduler =
      new DueScheduler(
          ConfigFactory.empty(),
          NoLogging.getInstance(),
          task -> {
            Thread thread = new Thread(task, "timer");
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler((_, _) -> failures.incrementAndGet());
            return thread;
          });

  @AfterEach
  void end() {
    scheduler.close();
    threads.shutdownNow();
    assertThat(failures).hasValue(0);
  }

  @Test
  void once_runsWhenDueOnItsExecutor() throws Exception {
    List<String> ranOn = Collections.synchronizedList(new ArrayList<>());
    long before = System.nanoTime();
    Cancellable task =
        scheduler.scheduleOnce(
            SOON,
            () -> {
              ranOn.add(Thread.currentThread().getName());
              runs.release();
            },
            executor);

    assertThat(runs.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
    assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(SOON.toNanos());
    assertThat(ranOn).hasSize(1).noneMatch("timer"::equals);
    assertThat(task.cancel()).isFalse();
    assertThat(task.isCancelled()).isFalse();
  }

  @Test
  void once_cancelled_neverRuns() throws Exception {
    Cancellable task = scheduler.scheduleOnce(SOON, runs::release, executor);
    assertThat(task.cancel()).isTrue();
    assertThat(task.cancel()).isFalse();
    assertThat(task.isCancelled()).isTrue();
    assertThat(runs.tryAcquire(5 * SOON.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
  }

  @Test
  void repeated_runsUntilCancelled() throws Exception {
    Cancellable task = scheduler.scheduleAtFixedRate(SOON, SOON, runs::release, executor);
    assertThat(runs.tryAcquire(4, 10, TimeUnit.SECONDS)).isTrue();
    assertThat(task.cancel()).isTrue();
    assertThat(task.isCancelled()).isTrue();
    runs.drainPermits();
    runs.tryAcquire(2 * SOON.toMillis(), TimeUnit.MILLISECONDS); // one may have been under way
    assertThat(runs.tryAcquire(5 * SOON.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
  }

  @Test
  void repeated_neverRunsTwiceAtOnce() throws Exception {
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Cancellable task =
        scheduler.scheduleAtFixedRate(
            Duration.ZERO,
            Duration.ofMillis(1),
            () -> {
              most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
              try {
                TimeUnit.MILLISECONDS.sleep(5);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              atOnce.decrementAndGet();
              runs.release();
            },
            executor);
    assertThat(runs.tryAcquire(20, 10, TimeUnit.SECONDS)).isTrue();
    assertThat(task.cancel()).isTrue();
    assertThat(most).hasValue(1);
  }

  @Test
  void repeated_thatThrows_ends() throws Exception {
    scheduler.scheduleAtFixedRate(
        Duration.ZERO,
        SOON,
        () -> {
          runs.release();
          throw new IllegalStateException("it is told by the executor");
        },
        ExecutionContext.fromExecutor(threads, _ -> scala.runtime.BoxedUnit.UNIT));
    assertThat(runs.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
    assertThat(runs.tryAcquire(5 * SOON.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
  }

  @Test
  void close_runsWhatMustNotBeLostAndForgetsTheRest() {
    TaskRunOnClose last = runs::release;
    scheduler.scheduleOnce(NEVER, last, executor);
    Cancellable cancelled = scheduler.scheduleOnce(NEVER, last, executor);
    assertThat(cancelled.cancel()).isTrue();
    scheduler.scheduleOnce(NEVER, () -> runs.release(100), executor);

    scheduler.close();

    await().untilAsserted(() -> assertThat(runs.availablePermits()).isEqualTo(1));
    assertThatThrownBy(() -> scheduler.scheduleOnce(SOON, runs::release, executor))
        .isInstanceOf(IllegalStateException.class);
  }
}
