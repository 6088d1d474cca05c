package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterCredentialTest {
  private static final byte[] MESSAGE = bytes("an announce");

  private final ClusterCredential own = of("k");

  @Test
  void reveal_isWhatAnyoneCanComputeFromTheKey() {
    // printf 'agent-credential\\0' | openssl dgst -sha256 -mac HMAC -macopt key:<32 times k>
    assertThat(own.reveal())
        .isEqualTo("f7731921688d936f701d5f838a51df5c9decd42ee383d276a1ae3e576026ee66");
  }

  @Test
  void parse_readsWhatRevealWrote() {
    ClusterCredential read = ClusterCredential.parse(bytes(own.reveal() + "\n"));

    assertThat(own.isShownBy(read.reveal())).isTrue();
    assertThat(own.isProvenBy(read.proofOf(MESSAGE), MESSAGE)).isTrue();
  }

  @Test
  void anotherClustersCredential_isNone() {
    ClusterCredential other = of("x");

    assertThat(own.isShownBy(other.reveal())).isFalse();
    assertThat(own.isShownBy("")).isFalse();
    assertThat(own.isProvenBy(other.proofOf(MESSAGE), MESSAGE)).isFalse();
    assertThat(own.isProvenBy(own.proofOf(bytes("another")), MESSAGE)).isFalse();
    assertThat(own.isProvenBy("", MESSAGE)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "secret", "abcd"})
  void parse_refusesAnythingElseWithoutQuotingIt(String text) {
    assertThatThrownBy(() -> ClusterCredential.parse(bytes(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a credential of the cluster is 64 hex digits")
        .hasNoCause();
  }

  @Test
  void allOf_areThoseOfBothKeys() {
    SwarmKeys.Held held =
        SwarmKeys.Held.of(
            Secret.of(bytes("x".repeat(32))), Optional.of(Secret.of(bytes("k".repeat(32)))));
    SwarmKeys keys = new SwarmKeys(() -> held);

    assertThat(ClusterCredential.allOf(keys))
        .extracting(ClusterCredential::reveal)
        .containsExactly(of("x").reveal(), own.reveal());
    assertThat(ClusterCredential.of(keys).reveal()).isEqualTo(of("x").reveal());
  }

  @Test
  void toString_tellsNothing() {
    assertThat(own.toString()).doesNotContain(own.reveal().substring(0, 8));
  }

  private static ClusterCredential of(String letter) {
    return ClusterCredential.of(new SwarmKeys(Secret.of(bytes(letter.repeat(32)))));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
