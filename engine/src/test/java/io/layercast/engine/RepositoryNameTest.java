package io.layercast.engine;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryNameTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"app", "team/app", "a/b/c/d", "a.b", "a_b", "a__b", "a-b", "a---b", "0", "v2/x"})
  void parse_takesNamesOfTheSpec(String text) {
    assertThat(RepositoryName.parse(text)).get().hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "/a", "a/", "a//b", "A", "a..b", "a___b", ".a", "a.", "-a", "a-", "_a", "a_",
        "a._b", "../a", "a/..", "a b", "a:b", "a@b", "a\n", "ä", "a%2fb", "a?b"
      })
  void parse_refusesTheRest(String text) {
    assertThat(RepositoryName.parse(text)).isEmpty();
    assertThatThrownBy(() -> new RepositoryName(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void parse_takes255CharactersAndNoMore() {
    assertThat(RepositoryName.parse("a".repeat(255))).isPresent();
    assertThat(RepositoryName.parse("a".repeat(256))).isEmpty();
  }

  @Test
  void parse_refusesAtOnceWhatWouldMakeARegexBacktrack() {
    String almost = "a-".repeat(127) + "!";

    assertTimeoutPreemptively(
        ofSeconds(1), () -> assertThat(RepositoryName.parse(almost)).isEmpty());
  }
}
