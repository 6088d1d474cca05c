package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {
  @Test
  void parse_readsNamesAndBothFamilies() {
    assertThat(HostPort.parse("localhost:5004")).isEqualTo(new HostPort("localhost", 5004));
    assertThat(HostPort.parse("127.0.0.1:0")).isEqualTo(new HostPort("127.0.0.1", 0));
    assertThat(HostPort.parse("[::1]:5004")).isEqualTo(new HostPort("::1", 5004));
    assertThat(HostPort.parse("[10.0.0.1]:5004")).isEqualTo(new HostPort("10.0.0.1", 5004));
  }

  @Test
  void toString_isWhatParseReads() {
    assertThat(HostPort.parse("[::1]:5004")).hasToString("[::1]:5004");
    assertThat(HostPort.parse("localhost:5004")).hasToString("localhost:5004");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5004", ":5004", "host:", "host:port", "host:70000", "::1:5004", "[]:1"})
  void parse_refusesTheRest(String text) {
    assertThatThrownBy(() -> HostPort.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
