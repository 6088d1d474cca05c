package io.layercast.engine.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.layercast.engine.rate.RateLimiter.Waiter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The limiter with time made by hand: exact, and minutes of it in milliseconds. */
class RateLimiterTest {
  private static final long MS = 1_000_000;
  private static final long SECOND = 1000 * MS;
  private static final int BLOCK = 128 * 1024;

  private final ManualAlarm alarm = new ManualAlarm(0);

  /** A connection that always has another element. */
  private static final class Greedy {
    private final RateLimiter limiter;
    private final int bytes;
    private long passed;

    Greedy(RateLimiter limiter, int bytes) {
      this.limiter = limiter;
      this.bytes = bytes;
    }

    void offer() {
      while (limiter.passOrWait(new Waiter(bytes, true, this::onPass))) {
        passed += bytes;
      }
    }

    private void onPass() {
      passed += bytes;
      offer();
    }
  }

  @ParameterizedTest
  @CsvSource({
    // bytes a second, connections, element, lateness of alarms in ms
    "100000000, 50, 131072, 0",
    "100000000, 50, 131072, 9",
    "100000000,  1, 131072, 0",
    "100000000,  1,  16384, 0",
    "1000000000, 200, 131072, 3",
    "8000000,   20, 131072, 0",
    "1000000,    3, 131072, 0",
    "100000,     2, 262144, 0",
    "20000,      5,  65536, 0",
  })
  void rate_isKeptOverEveryWindow(long rate, int connections, int bytes, long latenessMs) {
    ManualAlarm late = new ManualAlarm(latenessMs * MS);
    RateLimiter limiter = new RateLimiter(rate, late::now, late);
    late.advance(SECOND); // a full burst waits at the start
    Stream.generate(() -> new Greedy(limiter, bytes)).limit(connections).forEach(Greedy::offer);

    long[] passedAt = new long[20_001]; // every millisecond of 20 s
    for (int ms = 0; ms <= 20_000; ms++) {
      passedAt[ms] = limiter.passedBytes();
      late.advance(MS);
    }

    for (int from = 0; from <= 19_000; from++) {
      assertThat(passedAt[from + 1000] - passedAt[from])
          .isBetween((long) (rate * 0.98) - bytes, (long) (rate * 1.02) + bytes);
    }
    for (int from = 0; from <= 10_000; from++) {
      assertThat(passedAt[from + 10_000] - passedAt[from])
          .isBetween((long) (rate * 9.9) - bytes, (long) (rate * 10.1) + bytes);
    }
  }

  @Test
  void connections_getTheSame() {
    RateLimiter limiter = limiter(100_000_000);
    List<Greedy> fifty = Stream.generate(() -> new Greedy(limiter, BLOCK)).limit(50).toList();
    fifty.forEach(Greedy::offer);
    alarm.advance(10 * SECOND);

    for (Greedy one : fifty) {
      assertThat((double) one.passed)
          .isCloseTo(10 * 100_000_000.0 / 50, Percentage.withPercentage(5));
    }
  }

  @Test
  void elements_doNotOvertake() {
    RateLimiter limiter = limiter(1_000_000);
    List<Integer> order = new ArrayList<>();
    Random random = new Random(42);
    for (int i = 0; i < 200; i++) {
      int number = i;
      if (limiter.passOrWait(
          new Waiter(1 + random.nextInt(BLOCK), true, () -> order.add(number)))) {
        order.add(number);
      }
      alarm.advance(random.nextLong(3 * MS));
    }
    alarm.advance(200 * SECOND);

    assertThat(order).hasSize(200).isSorted();
  }

  @Test
  void idle_doesNotTick() {
    RateLimiter limiter = limiter(1_000_000);
    alarm.advance(SECOND);
    limiter.passOrWait(new Waiter(BLOCK, true, () -> {}));
    alarm.advance(SECOND);

    assertThat(alarm.alarms()).isZero();
    new Greedy(limiter, BLOCK).offer();
    assertThat(alarm.pending()).isEqualTo(1);
  }

  @Test
  void debt_isWaitedForByOneAlarm() {
    RateLimiter limiter = limiter(1000);
    alarm.advance(1);
    List<String> passed = new ArrayList<>();
    limiter.passOrWait(new Waiter(100_000, true, () -> {}));
    limiter.passOrWait(new Waiter(1, true, () -> passed.add("second")));
    alarm.advance(99 * SECOND);
    assertThat(passed).isEmpty();
    alarm.advance(SECOND + 1);

    assertThat(passed).containsExactly("second");
    assertThat(alarm.alarms()).isEqualTo(1);
  }

  @Test
  void setRate_worksForThoseWhoWait() {
    RateLimiter limiter = limiter(1);
    alarm.advance(1);
    Greedy greedy = new Greedy(limiter, 1000);
    greedy.offer();
    alarm.advance(SECOND);
    assertThat(greedy.passed).isEqualTo(1000);

    limiter.setRate(1_000_000);
    alarm.advance(SECOND);

    assertThat(greedy.passed).isCloseTo(1_000_000, within(21_000L));
    assertThat(alarm.pending()).isEqualTo(1);
  }

  @Test
  void setRate_toUnlimitedLetsAllPassInOrder() {
    RateLimiter limiter = limiter(1);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int number = i;
      assertThat(limiter.passOrWait(new Waiter(1000, true, () -> order.add(number)))).isFalse();
    }
    limiter.setRate(0);

    assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(limiter.passedBytes()).isEqualTo(10_000);
    assertThat(limiter.rate()).isZero();
    assertThat(alarm.pending()).isZero();
    assertThat(limiter.passOrWait(new Waiter(Integer.MAX_VALUE, true, () -> {}))).isTrue();
  }

  @Test
  void setRate_fromUnlimitedHasNoBurst() {
    RateLimiter limiter = limiter(0);
    limiter.passOrWait(new Waiter(BLOCK, true, () -> {}));
    alarm.advance(SECOND);
    limiter.setRate(1000);

    assertThat(limiter.passOrWait(new Waiter(1, true, () -> {}))).isFalse();
  }

  @Test
  void giveUp_leavesTheQueueToOthers() {
    RateLimiter limiter = limiter(1000);
    List<String> passed = new ArrayList<>();
    Waiter gone = new Waiter(1_000_000, true, () -> passed.add("gone"));
    limiter.passOrWait(gone);
    limiter.passOrWait(new Waiter(1, true, () -> passed.add("next")));
    limiter.giveUp(gone);
    alarm.advance(5 * MS);

    assertThat(passed).containsExactly("next");
    assertThat(limiter.passedBytes()).isEqualTo(1);
    assertThat(limiter.waiting()).isZero();
  }

  @Test
  void giveUp_afterTheTurnCameGivesTheBytesBack() {
    RateLimiter limiter = limiter(1000);
    Waiter gone = new Waiter(1_000_000, true, () -> {});
    limiter.passOrWait(gone);
    alarm.advance(5 * MS);
    assertThat(limiter.passedBytes()).isEqualTo(1_000_000);
    limiter.giveUp(gone);

    assertThat(limiter.passedBytes()).isZero();
    assertThat(limiter.passOrWait(new Waiter(1, true, () -> {}))).isTrue();
  }

  @Test
  void giveUp_byTheLastOneEndsTheTicking() {
    RateLimiter limiter = limiter(1000);
    Waiter gone = new Waiter(1, true, () -> {});
    limiter.passOrWait(gone);
    limiter.giveUp(gone);
    alarm.advance(SECOND);

    assertThat(alarm.pending()).isZero();
    assertThat(alarm.alarms()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 100_000_000_001L, Long.MAX_VALUE, Long.MIN_VALUE})
  void rate_isBounded(long rate) {
    assertThatThrownBy(() -> limiter(rate))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Long.toString(rate));
  }

  @Test
  void bytes_areNotNegative() {
    assertThatThrownBy(() -> new Waiter(-1, true, () -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private RateLimiter limiter(long rate) {
    return new RateLimiter(rate, alarm::now, alarm);
  }
}
