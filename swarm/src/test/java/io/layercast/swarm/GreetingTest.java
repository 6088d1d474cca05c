package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.swarm.wire.ExtensionHandshake;
import io.layercast.swarm.wire.PeerId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GreetingTest {
  private static final Greeting.Self SELF =
      new Greeting.Self(PeerId.of(new byte[20]), 6881, 128 * 1024, 64, new byte[32]);

  @ParameterizedTest
  @CsvSource({"1, 1", "2048, 2048", "2049, 2048", "2147483647, 2048"})
  void requestsThatAPeerTakes_areBounded(int said, int taken) {
    Greeting greeting =
        Greeting.dialler(SELF, new InetSocketAddress(InetAddress.getLoopbackAddress(), 6882));
    greeting.learn(
        new ExtensionHandshake("x", OptionalInt.empty(), OptionalInt.of(said), Optional.empty()));
    assertThat(greeting.requestQueue()).isEqualTo(taken);
  }
}
