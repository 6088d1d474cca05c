package io.layercast.tracker;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;

/** reference.conf with a few keys changed. */
final class TestSettings {
  private TestSettings() {}

  static TrackerSettings with(String... lines) {
    return TrackerSettings.from(config(lines));
  }

  static Config config(String... lines) {
    StringBuilder text = new StringBuilder();
    List.of(lines).forEach(line -> text.append("layercast.tracker.").append(line).append('\n'));
    return ConfigFactory.parseString(text.toString())
        .withFallback(ConfigFactory.defaultReference())
        .resolve();
  }
}
