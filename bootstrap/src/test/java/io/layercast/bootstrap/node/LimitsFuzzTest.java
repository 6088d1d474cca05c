package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.typesafe.config.ConfigException;
import io.layercast.engine.rate.RateLimiter;
import java.nio.charset.StandardCharsets;

/** Whatever the mounted file says. */
class LimitsFuzzTest {
  @FuzzTest
  void liveRates(byte[] data) {
    try {
      LiveRates rates = LiveRates.parse(new String(data, StandardCharsets.UTF_8));
      rates.download().ifPresent(RateLimiter::checkRate);
      rates.upload().ifPresent(RateLimiter::checkRate);
    } catch (ConfigException _) {
      // the one it says
    }
  }

  @FuzzTest
  void dataSize(byte[] data) {
    try {
      DataSize size = DataSize.parseRate(new String(data, StandardCharsets.UTF_8));
      assertThat(size.bytes()).isNotNegative();
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("rate");
    }
  }
}
