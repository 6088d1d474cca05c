package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ProxyApiTest {
  @Test
  void torrentExpiry_isTheSameAllDay_andADayAwayAtLeast() {
    Instant expiry = Instant.parse("2026-11-03T00:00:00Z");

    assertThat(ProxyApi.torrentExpiry(Instant.parse("2026-11-01T00:00:00Z"))).isEqualTo(expiry);
    assertThat(ProxyApi.torrentExpiry(Instant.parse("2026-11-01T23:59:59.9Z"))).isEqualTo(expiry);
    assertThat(ProxyApi.torrentExpiry(Instant.parse("2026-11-02T00:00:00Z")))
        .isEqualTo(Instant.parse("2026-11-04T00:00:00Z"));
  }
}
