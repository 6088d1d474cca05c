package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LinkTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  @Test
  void reserve_takesBytesOverRate() {
    Link link = new Link(1_000_000);
    long now = System.nanoTime() + SECOND;

    long end = now;
    for (int i = 0; i < 100; i++) {
      end = link.reserve(10_000, now);
    }

    // 1 MB at 1 MB/s is one second, less what an oversleeper may catch up.
    assertThat(end - now).isBetween(SECOND - 5_000_000, SECOND);
  }

  @Test
  void reserve_doesNotSaveUpWhileIdle() {
    Link link = new Link(1_000_000);
    long now = System.nanoTime() + 100 * SECOND;

    assertThat(link.reserve(1_000_000, now) - now).isEqualTo(SECOND - 5_000_000);
  }

  @Test
  void reserve_ofUnboundedLinkIsNow() {
    assertThat(new Link(0).reserve(1_000_000, 17)).isEqualTo(17);
  }
}
