package io.layercast.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrackerSettingsTest {
  @Test
  void from_readsTheDefaults() {
    TrackerSettings settings = TestSettings.with();

    assertThat(settings.announceInterval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.forgetAfter()).isEqualTo(Duration.ofSeconds(75));
    assertThat(settings.forgetForeignAfter()).isEqualTo(Duration.ofSeconds(750));
    assertThat(settings.handout()).isEqualTo(new TrackerSettings.Handouts(50, 100, 2, 0.5));
    assertThat(settings.service().maxRequestBytes()).isEqualTo(4 << 20);
    assertThat(settings.client().addresses()).isEmpty();
  }

  @Test
  void from_readsEveryKey() {
    TrackerSettings settings =
        TestSettings.with(
            "announce-interval = 7s",
            "foreign-announce-interval = 70s",
            "announce-jitter = 0.2",
            "missed-announces = 3",
            "handout { default-peers = 5, max-peers = 6, max-proxies = 1, seed-share = 0.25 }",
            "limits { swarms = 1, peers-per-swarm = 2, peers-per-address = 3, entries = 4,"
                + " aliases = 5, alias-lifetime = 6s }",
            "trust-announced-address = on",
            "ask-timeout = 1s",
            "singleton-buffer = 9",
            "retry-interval = 2s",
            "max-request-bytes = 2KiB",
            "max-swarms-per-request = 11",
            "body-timeout = 4s",
            "client { addresses = [\"tracker:6969\", \"[::1]:1\"], bind-address = \"127.0.0.9\","
                + " request-timeout = 11s, connect-timeout = 12s, max-connections = 13,"
                + " max-open-requests = 16, idle-timeout = 14s, max-response-bytes = 15KiB,"
                + " min-backoff = 17ms, max-backoff = 18ms, min-want-interval = 19s, change-delay = 21s,"
                + " farewell-timeout = 20s }");

    TrackerClientSettings client =
        new TrackerClientSettings(
            List.of(
                InetSocketAddress.createUnresolved("tracker", 6969),
                InetSocketAddress.createUnresolved("::1", 1)),
            "127.0.0.9",
            Duration.ofSeconds(7),
            0.2,
            5,
            11,
            Duration.ofSeconds(19),
            Duration.ofSeconds(21),
            new TrackerClientSettings.Backoff(Duration.ofMillis(17), Duration.ofMillis(18)),
            new TrackerClientSettings.Connection(
                Duration.ofSeconds(11),
                Duration.ofSeconds(12),
                Duration.ofSeconds(14),
                Duration.ofSeconds(20),
                13,
                16,
                15 * 1024));
    assertThat(settings)
        .isEqualTo(
            new TrackerSettings(
                Duration.ofSeconds(7),
                Duration.ofSeconds(70),
                0.2,
                3,
                new TrackerSettings.Handouts(5, 6, 1, 0.25),
                new TrackerSettings.Limits(1, 2, 3, 4, 5, Duration.ofSeconds(6)),
                new TrackerSettings.Service(
                    true,
                    Duration.ofSeconds(1),
                    9,
                    Duration.ofSeconds(2),
                    2048,
                    11,
                    Duration.ofSeconds(4)),
                client));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "handout.max-peers = 501",
        "handout.seed-share = 1.5",
        "missed-announces = 1",
        "client.max-open-requests = 5",
        "client.max-backoff = 1ms",
        "announce-interval = 1ms"
      })
  void from_namesTheKeyThatIsBroken(String line) {
    Config config = TestSettings.config(line);
    String key = line.substring(0, line.indexOf(' '));

    assertThatThrownBy(() -> TrackerSettings.from(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracker", ":6969", "tracker:", "tracker:70000", "tracker:x"})
  void from_refusesAnAddressThatIsNone(String address) {
    Config config =
        ConfigFactory.parseString("layercast.tracker.client.addresses = [\"" + address + "\"]")
            .withFallback(ConfigFactory.defaultReference())
            .resolve();

    assertThatThrownBy(() -> TrackerSettings.from(config)).hasMessageContaining("client.addresses");
  }
}
