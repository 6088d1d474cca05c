package io.layercast.bootstrap.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MetricsTest {
  @Test
  void metrics_tellEveryPointOfANameAndRefuseOtherLabels() throws IOException {
    Metrics metrics = new Metrics();
    metrics.counter("layercast_things_total", "Things.", () -> 1, "role", "agent");
    metrics.counter("layercast_things_total", "Things.", () -> 2, "role", "proxy");
    metrics.gauge("layercast_level_bytes", "Level.", () -> 3);
    assertThat(new String(metrics.text(), StandardCharsets.UTF_8))
        .contains("# TYPE layercast_things_total counter")
        .contains("layercast_things_total{role=\"agent\"} 1.0")
        .contains("layercast_things_total{role=\"proxy\"} 2.0")
        .contains("layercast_level_bytes 3.0");
    assertThatThrownBy(
            () -> metrics.counter("layercast_things_total", "Things.", () -> 1, "color", "red"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layercast_things_total");
  }
}
