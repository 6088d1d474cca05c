package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SendDeadlineTest {
  private static final long TIMEOUT = Duration.ofSeconds(30).toNanos();
  private static final long ENOUGH = SendDeadline.LEAST_TAKEN_BYTES;

  private final SendDeadline deadline = new SendDeadline(Duration.ofNanos(TIMEOUT));

  @Test
  void nothingWaits_isNeverTooSlow() {
    assertThat(deadline.look(0, 0)).isEmpty();
    deadline.waits(0, 0);
    deadline.caughtUp();
    assertThat(deadline.look(10 * TIMEOUT, 0)).isEmpty();
  }

  @Test
  void whoTakesALittleNowAndThen_isTooSlow() {
    deadline.waits(0, 0);
    for (long taken = 1; taken < 10; taken++) {
      deadline.waits(taken, taken); // it is told after each try
    }
    assertThat(deadline.look(TIMEOUT - 5, 10)).hasValue(5);
    assertThat(deadline.look(TIMEOUT, ENOUGH - 1)).hasValue(0);
  }

  @Test
  void whoTakesEnough_hasAnotherTimeout() {
    deadline.waits(0, 7);
    assertThat(deadline.look(TIMEOUT, 7 + ENOUGH)).hasValue(TIMEOUT);
    assertThat(deadline.look(2 * TIMEOUT - 1, 7 + ENOUGH)).hasValue(1);
    assertThat(deadline.look(2 * TIMEOUT, 6 + 2 * ENOUGH)).hasValue(0);
  }

  @Test
  void whoTookAll_hasTheWholeTimeoutForTheNext() {
    deadline.waits(0, 0);
    deadline.caughtUp();
    deadline.waits(TIMEOUT, 3);
    assertThat(deadline.look(TIMEOUT + 1, 3)).hasValue(TIMEOUT - 1);
  }

  @Test
  void begun_hasTheWholeTimeoutAgain() {
    deadline.waits(0, 0);
    deadline.begin(TIMEOUT, 1);
    assertThat(deadline.look(TIMEOUT, 1)).hasValue(TIMEOUT);
    assertThat(deadline.look(2 * TIMEOUT, ENOUGH)).hasValue(0);
  }
}
