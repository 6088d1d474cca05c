package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NoProxyTest {
  @ParameterizedTest
  @CsvSource({
    "example.com, example.com, 443, true",
    "example.com, EXAMPLE.com, 443, true",
    "example.com, a.example.com, 443, true",
    "example.com, anexample.com, 443, false",
    ".example.com, example.com, 443, false",
    ".example.com, a.example.com, 443, true",
    "*.example.com, a.example.com, 443, true",
    "*.example.com, example.com, 443, false",
    "*, anything, 1, true",
    "example.com:8443, example.com, 8443, true",
    "example.com:8443, example.com, 443, false",
    "10.1.2.3, 10.1.2.3, 80, true",
    "10.1.2.3, 10.1.2.30, 80, false",
    "10.1.0.0/15, 10.0.255.255, 80, true",
    "10.1.0.0/15, 10.2.0.0, 80, false",
    "10.0.0.0/8, ten.example, 80, false",
    "0.0.0.0/0, 203.0.113.7, 80, true",
    "0.0.0.0/0, [::1], 80, false",
    "fd00::/8, [fd12::1], 80, true",
    "[::1]:5000, [::1], 5000, true",
    "::1, [::1], 80, true",
    "'', example.com, 443, false",
    "' , ,', example.com, 443, false"
  })
  void covers_asTheVariableDoesElsewhere(String list, String host, int port, boolean covered) {
    assertThat(NoProxy.parse(list).covers(host, port)).isEqualTo(covered);
  }

  @Test
  void covers_anyOfSeveral() {
    NoProxy several = NoProxy.parse("localhost, 127.0.0.0/8,.svc");

    assertThat(several.covers("localhost", 5000)).isTrue();
    assertThat(several.covers("registry.kube-system.svc", 443)).isTrue();
    assertThat(several.covers("127.9.9.9", 443)).isTrue();
    assertThat(several.covers("registry.example", 443)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "name/8", "/8"})
  void parse_refusesABrokenNetwork(String entry) {
    assertThatThrownBy(() -> NoProxy.parse("a.example," + entry))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(entry);
  }
}
