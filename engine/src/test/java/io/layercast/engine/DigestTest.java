package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
  /** FIPS 180-4's example: SHA-256 of "abc". */
  private static final String ABC =
      "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Test
  void sha256Of_isThatOfTheStandard() {
    assertThat(Digest.sha256Of("abc".getBytes(StandardCharsets.US_ASCII))).hasToString(ABC);
  }

  @Test
  void parse_takesBothAlgorithms() {
    String sha512 = "sha512:" + "0f".repeat(64);

    assertThat(Digest.parse(ABC)).contains(Digest.of(ABC));
    assertThat(Digest.parse(sha512))
        .get()
        .hasToString(sha512)
        .returns(Digest.Algorithm.SHA512, Digest::algorithm);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256",
        "sha256:",
        "sha256:ba7816bf",
        "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
        "sha256:../7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        " sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n",
        "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "md5:900150983cd24fb0d6963f7d28e17f72",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a٣",
      })
  void parse_refusesWhatTheSpecRefuses(String text) {
    assertThat(Digest.parse(text)).isEmpty();
    assertThatThrownBy(() -> Digest.of(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void create_refusesHexThatCouldLeaveAFolder() {
    assertThatThrownBy(() -> new Digest(Digest.Algorithm.SHA256, "../".repeat(21) + "a"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
