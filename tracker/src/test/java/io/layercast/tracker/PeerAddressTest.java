package io.layercast.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerAddressTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 192.0.2.1, true",
    "2001:db8::7, 192.0.2.1, true",
    "127.0.1.1, 127.0.0.1, true",
    "127.0.1.1, 192.0.2.1, false",
    "::1, 192.0.2.1, false",
    "0.0.0.0, 192.0.2.1, false",
    "0.0.0.0, 127.0.0.1, false",
    "::, 192.0.2.1, false",
    "239.0.0.1, 192.0.2.1, false",
    "ff02::1, 192.0.2.1, false",
  })
  void canBeReached_isFalseForWhatNoOtherNodeReaches(String ip, String source, boolean can) {
    byte[] named = InetAddress.ofLiteral(ip).getAddress();

    assertThat(PeerAddress.canBeReached(named, InetAddress.ofLiteral(source))).isEqualTo(can);
  }
}
