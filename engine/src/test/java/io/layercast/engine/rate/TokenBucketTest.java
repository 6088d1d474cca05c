package io.layercast.engine.rate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final long MS = 1_000_000;
  private static final long SECOND = 1000 * MS;
  private static final long START =
      Long.parseLong("9223372035854775807"); // nanoTime may wrap around

  @Test
  void isOpen_aNanosecondAfterTheStart() {
    TokenBucket bucket = new TokenBucket(1, START);

    assertThat(bucket.isOpen(START)).isFalse();
    assertThat(bucket.isOpen(START + 1)).isTrue();
  }

  @Test
  void balance_growsToTwentyMillisecondsAndNoFurther() {
    TokenBucket bucket = new TokenBucket(1_000_000, START);

    assertThat(passing(bucket, 1000, START + 3600 * SECOND)).isEqualTo(20);
  }

  @Test
  void take_ofMoreThanTheBurstIsPaidBack() {
    TokenBucket bucket = new TokenBucket(1_000_000, START);
    long now = START + SECOND;
    assertThat(bucket.isOpen(now)).isTrue();
    bucket.take(4_020_000); // 20,000 were there

    assertThat(bucket.nanosUntilOpen(now)).isEqualTo(4 * SECOND + 1);
    assertThat(bucket.isOpen(now + 4 * SECOND)).isFalse();
    assertThat(bucket.isOpen(now + 4 * SECOND + 1)).isTrue();
  }

  @Test
  void rate_belowAnElementPerSecondIsKept() {
    TokenBucket bucket = new TokenBucket(100_000, START);
    long passed = 0;
    for (long now = START; now - START <= 1000 * SECOND; now += 5 * MS) {
      passed += 4_194_304L * passing(bucket, 4_194_304, now);
    }

    assertThat(passed).isBetween(100_000_000L - 4_194_304, 100_000_000L + 2 * 4_194_304);
  }

  @Test
  void setRate_keepsTheDebtAndCapsTheBalance() {
    TokenBucket bucket = new TokenBucket(1_000_000, START);
    bucket.isOpen(START + 20 * MS);
    bucket.take(1_020_000); // a debt of 1,000,000
    bucket.setRate(10_000_000, START + 20 * MS);
    assertThat(bucket.nanosUntilOpen(START + 20 * MS)).isEqualTo(100 * MS + 1);

    TokenBucket full = new TokenBucket(1_000_000, START);
    full.setRate(1000, START + SECOND);
    assertThat(passing(full, 1, START + SECOND)).isEqualTo(20);
  }

  @Test
  void giveBack_undoesATakeButNeverPassesTheBurst() {
    TokenBucket bucket = new TokenBucket(1_000_000, START);
    long now = START + SECOND;
    bucket.isOpen(now);
    bucket.take(1_000_000);
    bucket.giveBack(1_000_000);
    bucket.giveBack(1_000_000);

    assertThat(passing(bucket, 1000, now)).isEqualTo(20);
  }

  @Test
  void arithmetic_holdsAtTheBounds() {
    TokenBucket fast = new TokenBucket(TokenBucket.MAX_BYTES_PER_SECOND, START);
    assertThat(fast.isOpen(START + Long.MAX_VALUE / 2)).isTrue();
    fast.take(Integer.MAX_VALUE);
    fast.take(Integer.MAX_VALUE);
    assertThat(fast.nanosUntilOpen(START + Long.MAX_VALUE / 2)).isBetween(1L, 43 * MS);

    TokenBucket slow = new TokenBucket(1, START);
    assertThat(slow.isOpen(START + 1)).isTrue();
    slow.take(Integer.MAX_VALUE);
    slow.setRate(TokenBucket.MAX_BYTES_PER_SECOND, START + 1);
    assertThat(slow.isOpen(START + 1 + 22 * MS)).isTrue();
  }

  private static int passing(TokenBucket bucket, int bytes, long now) {
    int count = 0;
    while (bucket.isOpen(now)) {
      bucket.take(bytes);
      count++;
    }
    return count;
  }
}
