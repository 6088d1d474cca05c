package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EngineSettingsTest {
  private static final Config DEFAULTS = ConfigFactory.load();

  @Test
  void from_readsTheDefaults() {
    EngineSettings settings = EngineSettings.from(DEFAULTS);
    assertThat(settings.layer())
        .isEqualTo(
            new EngineSettings.Layer(
                "proxy",
                Duration.ofSeconds(60),
                Duration.ofSeconds(3),
                Duration.ofMillis(300),
                Duration.ofMinutes(2),
                Duration.ofSeconds(10)));
    assertThat(settings.ingest())
        .isEqualTo(
            new EngineSettings.Ingest(
                4,
                8,
                6,
                Duration.ofMillis(200),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                64 * 1024,
                Duration.ofSeconds(30),
                Duration.ofSeconds(2),
                Duration.ofSeconds(5)));
    assertThat(settings.agent())
        .isEqualTo(
            new EngineSettings.Agent(
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofMillis(200),
                Duration.ofSeconds(5),
                20,
                8));
  }

  @Test
  void from_mapsEveryKeyToItsOwnValue() {
    Config all =
        ConfigFactory.parseString(
                """
                layercast.engine {
                  layer { role = r, open-timeout = 1 s, open-repeat = 20 s, holders-timeout = 2 s, idle-timeout = 3 s
                    failure-memory = 4 s }
                  ingest { connections = 5, pieces-per-range = 6, tries = 7, min-backoff = 8 s
                    max-backoff = 9 s, stall-timeout = 10 s, stall-bytes = 21, longest-retry-after = 11 s
                    take-over-grace = 18 s, peer-patience = 19 s }
                  agent { progress-timeout = 12 s, verdict-timeout = 13 s
                    min-reopen-backoff = 14 s, max-reopen-backoff = 15 s, tries = 16
                    fallback-pieces = 17 }
                }
                """)
            .withFallback(DEFAULTS);
    assertThat(EngineSettings.from(all))
        .isEqualTo(
            new EngineSettings(
                new EngineSettings.Layer(
                    "r", seconds(1), seconds(20), seconds(2), seconds(3), seconds(4)),
                new EngineSettings.Ingest(
                    5,
                    6,
                    7,
                    seconds(8),
                    seconds(9),
                    seconds(10),
                    21,
                    seconds(11),
                    seconds(18),
                    seconds(19)),
                new EngineSettings.Agent(
                    seconds(12), seconds(13), seconds(14), seconds(15), 16, 17)));
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }

  @Test
  void from_namesTheKeyThatIsWrong() {
    assertThatThrownBy(() -> with("layercast.engine.ingest.connections = 0"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("connections")
        .hasMessageContaining("is 0");
    assertThatThrownBy(() -> with("layercast.engine.agent.progress-timeout = 0 s"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("progress-timeout");
  }

  private static EngineSettings with(String override) {
    return EngineSettings.from(ConfigFactory.parseString(override).withFallback(DEFAULTS));
  }
}
