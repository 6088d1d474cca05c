package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SharedCheckTest {
  private final List<CompletableFuture<Boolean>> made = new ArrayList<>();
  private long nanos;
  private final SharedCheck shared =
      new SharedCheck(
          () -> {
            CompletableFuture<Boolean> one = new CompletableFuture<>();
            made.add(one);
            return one;
          },
          Duration.ofSeconds(1),
          () -> nanos);

  @Test
  void result_isThatOfTheCheckThatRuns() {
    var first = shared.result();
    pass(Duration.ofSeconds(10));
    var second = shared.result();
    made.getFirst().complete(true);

    assertThat(made).hasSize(1);
    assertThat(first).isCompletedWithValue(true);
    assertThat(second).isCompletedWithValue(true);
  }

  @Test
  void result_standsForASecond() {
    var _ = shared.result();
    made.getFirst().complete(true);
    pass(Duration.ofMillis(999));

    assertThat(shared.result()).isCompletedWithValue(true);
    assertThat(made).hasSize(1);
  }

  @Test
  void result_isFoundAnewAfterThat() {
    var _ = shared.result();
    made.getFirst().complete(true);
    pass(Duration.ofSeconds(1));

    var again = shared.result();
    made.getLast().complete(false);
    assertThat(again).isCompletedWithValue(false);
    assertThat(made).hasSize(2);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }
}
