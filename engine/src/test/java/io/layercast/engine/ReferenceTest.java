package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
  @ParameterizedTest
  @ValueSource(strings = {"latest", "1.27", "_x", "A", "v1-rc.2_final", "0"})
  void parse_takesTags(String text) {
    assertThat(Reference.parse(text)).contains(new Reference.Tag(text));
  }

  @Test
  void parse_takesATagOf128CharactersAndNoLonger() {
    assertThat(Reference.parse("a".repeat(128))).isPresent();
    assertThat(Reference.parse("a".repeat(129))).isEmpty();
  }

  @Test
  void parse_takesDigests() {
    String text = "sha256:" + "ab".repeat(32);

    assertThat(Reference.parse(text)).contains(new Reference.ByDigest(Digest.of(text)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".x", "-x", "a/b", "a b", "a\n", "..", "ü", "sha256:ab", "a:b", "a%2f"})
  void parse_refusesTheRest(String text) {
    assertThat(Reference.parse(text)).isEmpty();
    assertThatThrownBy(() -> new Reference.Tag(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
