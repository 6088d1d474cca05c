package io.layercast.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import akka.stream.BufferOverflowException;
import io.layercast.engine.NameLookup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class TrackersTest {
  private static final InetSocketAddress ONE = new InetSocketAddress("192.0.2.1", 6969);
  private static final InetSocketAddress TWO = new InetSocketAddress("192.0.2.2", 6969);

  /** Where none is preferred, one of the two is drawn. */
  private static final int TIMES = 20;

  private final Trackers trackers =
      new Trackers(List.of(ONE, TWO), NameLookup.DNS, Runnable::run, new Random(1));
  private final Map<InetSocketAddress, Throwable> failures = new HashMap<>();
  private final List<InetSocketAddress> asked = new ArrayList<>();

  @Test
  void call_asksTheOneThatAnswered_untilItFails() {
    failures.put(ONE, new IOException("connection refused"));
    assertThat(call()).isCompletedWithValue(TWO);
    asked.clear();
    assertThat(call()).isCompletedWithValue(TWO);
    assertThat(asked).containsExactly(TWO);

    failures.clear();
    failures.put(TWO, new IOException("503"));
    assertThat(call()).isCompletedWithValue(ONE);
    asked.clear();
    assertThat(call()).isCompletedWithValue(ONE);
    assertThat(asked).containsExactly(ONE);
  }

  @Test
  void call_thatTheTrackersRefuse_keepsThePreferredOne() {
    preferOne();
    for (int i = 0; i < TIMES; i++) {
      failures.put(ONE, new CompletionException(new TrackerHttp.Refusal("409")));
      failures.put(TWO, new CompletionException(new TrackerHttp.Refusal("409")));
      assertThat(call()).isCompletedExceptionally();
      asksOneFirst();
    }
  }

  @Test
  void call_thatFindsNoRoomInOurPool_keepsThePreferredOneAndAsksNoOther() {
    preferOne();
    for (int i = 0; i < TIMES; i++) {
      failures.put(ONE, new BufferOverflowException("full"));
      asked.clear();
      assertThat(call()).isCompletedExceptionally();
      assertThat(asked).containsExactly(ONE);
      asksOneFirst();
    }
  }

  @Test
  void call_thatFailsLate_keepsWhatWasPreferredMeanwhile() {
    for (int i = 0; i < TIMES; i++) {
      failures.clear();
      failures.put(ONE, new IOException("connection refused"));
      assertThat(call()).isCompletedWithValue(TWO);
      CompletableFuture<InetSocketAddress> slow = new CompletableFuture<>();
      CompletableFuture<InetSocketAddress> never = new CompletableFuture<>();
      var _ = trackers.call(address -> address.equals(TWO) ? slow : never);
      failures.clear();
      failures.put(TWO, new IOException("503"));
      assertThat(call()).isCompletedWithValue(ONE);
      slow.completeExceptionally(new IOException("503"));

      asksOneFirst();
    }
  }

  @Test
  void call_thatThrowsAtOnce_fails() {
    CompletableFuture<Object> thrown =
        trackers
            .call(_ -> {
              throw new IllegalStateException("on purpose");
            })
            .toCompletableFuture();

    assertThat(thrown).isCompletedExceptionally();
  }

  private void preferOne() {
    failures.put(TWO, new IOException("connection refused"));
    assertThat(call()).isCompletedWithValue(ONE);
  }

  private void asksOneFirst() {
    failures.clear();
    failures.put(TWO, new IOException("connection refused"));
    asked.clear();
    assertThat(call()).isCompletedWithValue(ONE);
    assertThat(asked).containsExactly(ONE);
  }

  private CompletableFuture<InetSocketAddress> call() {
    return trackers.call(this::answer).toCompletableFuture();
  }

  private CompletionStage<InetSocketAddress> answer(InetSocketAddress address) {
    asked.add(address);
    return failures.containsKey(address)
        ? CompletableFuture.failedStage(failures.get(address))
        : CompletableFuture.completedStage(address);
  }
}
