package io.layercast.engine.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.japi.Pair;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import akka.stream.testkit.TestPublisher;
import akka.stream.testkit.TestSubscriber;
import akka.stream.testkit.javadsl.TestSink;
import akka.stream.testkit.javadsl.TestSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The stage on a clock moved by hand, and once on the real one. */
class LimitStageTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final ManualAlarm alarm = new ManualAlarm(0);
  private final RateLimiter limiter = new RateLimiter(1000, alarm::now, alarm);
  private final TestPublisher.Probe<Integer> upstream;
  private final TestSubscriber.Probe<Integer> downstream;

  LimitStageTest() {
    Pair<TestPublisher.Probe<Integer>, TestSubscriber.Probe<Integer>> probes =
        TestSource.<Integer>create(KIT.system())
            .via(limiter.limit(Integer::intValue))
            .toMat(TestSink.create(KIT.system()), Keep.both())
            .run(KIT.system());
    upstream = probes.first();
    downstream = probes.second();
  }

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void element_isEmittedWhenItsTurnComes() {
    offer(100);
    assertThat(limiter.passedBytes()).isZero();
    alarm.advance(5_000_000);

    downstream.expectNext(100);
    assertThat(limiter.passedBytes()).isEqualTo(100);
  }

  @Test
  void next_isTakenOnlyAfterTheElementPassed() {
    offer(100);
    downstream.request(2);
    upstream.sendNext(200);
    upstream.sendNext(300);
    // At 1000 bytes a second each waits until the debt of the one before it is paid.
    for (int bytes : new int[] {100, 200, 300}) {
      await().until(() -> limiter.waiting() == 1);
      alarm.advance(bytes * 1_000_000L);
      downstream.expectNext(bytes);
    }
    assertThat(limiter.waiting()).isZero();
  }

  @Test
  void elementsOfNoBytes_passAtOnce() {
    downstream.request(2);
    upstream.sendNext(0);
    upstream.sendNext(0);

    downstream.expectNext(0);
    downstream.expectNext(0);
  }

  @Test
  void completion_waitsForTheElement() {
    offer(100);
    upstream.sendComplete();
    alarm.advance(5_000_000);

    downstream.expectNext(100);
    downstream.expectComplete();
  }

  @Test
  void completion_ofAnIdleStageIsPassedOn() {
    downstream.request(1);
    upstream.sendComplete();

    downstream.expectComplete();
  }

  @Test
  void failure_comesAtOnceAndLeavesTheQueue() {
    offer(100);
    IllegalStateException trouble = new IllegalStateException("trouble");
    upstream.sendError(trouble);

    assertThat(downstream.expectError()).isEqualTo(trouble);
    await().until(() -> limiter.waiting() == 0);
  }

  @Test
  void cancellation_leavesTheQueue() {
    offer(100);
    downstream.cancel();
    upstream.expectCancellation();

    await().until(() -> limiter.waiting() == 0);
    alarm.advance(1_000_000_000);
    assertThat(limiter.passedBytes()).isZero();
  }

  @Test
  void negativeLength_failsTheStage() {
    downstream.request(1);
    upstream.sendNext(-1);

    assertThat(downstream.expectError()).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void realTime_manyStreamsShareTheRate() throws Exception {
    // 100 ms at 20 MB/s are 2 MB: 20 streams of 25 elements of 4 KiB. Only the lower bound of the
    // time is exact; how late a busy machine is, is not ours to say.
    RateLimiter real = RateLimiter.create(20_000_000, KIT.system());
    long start = System.nanoTime();
    List<CompletableFuture<List<Integer>>> streams =
        Stream.generate(() ->
                Source.range(1, 25)
                    .via(real.<Integer>limit(_ -> 4096))
                    .runWith(Sink.<Integer>seq(), KIT.system()))
            .limit(20)
            .map(CompletionStage::toCompletableFuture)
            .toList();
    for (CompletableFuture<List<Integer>> stream : streams) {
      assertThat(stream.get(10, TimeUnit.SECONDS)).hasSize(25).isSorted();
    }
    long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

    assertThat(real.passedBytes()).isEqualTo(20 * 25 * 4096);
    assertThat(tookMillis).isBetween(80L, 5_000L); // the burst is worth 20 ms
    assertThat(real.waiting()).isZero();
  }

  @Test
  void unlimited_passesEverything() throws Exception {
    RateLimiter none = RateLimiter.create(0, KIT.system());
    CompletionStage<List<Integer>> passed =
        Source.range(1, 1000)
            .via(none.<Integer>limit(_ -> 1_000_000))
            .runWith(Sink.seq(), KIT.system());

    assertThat(passed.toCompletableFuture().get(10, TimeUnit.SECONDS)).hasSize(1000);
    assertThat(none.passedBytes()).isEqualTo(1_000_000_000L);
  }

  /** Lets one element come as far as the queue. */
  private void offer(int bytes) {
    downstream.request(1);
    upstream.sendNext(bytes);
    await().until(() -> limiter.waiting() == 1);
  }
}
