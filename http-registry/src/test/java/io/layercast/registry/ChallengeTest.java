package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChallengeTest {
  @Test
  void parse_bearer() {
    List<Challenge> challenges =
        Challenge.parse(
            "Bearer realm=\"https://auth.example.com/token\",service=registry,"
                + "scope=\"repository:a/b:pull,push\"");

    assertThat(challenges)
        .containsExactly(
            Challenge.of(
                "Bearer",
                Map.of(
                    "realm", "https://auth.example.com/token",
                    "service", "registry",
                    "scope", "repository:a/b:pull,push")));
  }

  @Test
  void parse_severalInOneHeader() {
    List<Challenge> challenges =
        Challenge.parse(
            "Negotiate, NTLM TlRMTVNT==, , Basic realm=\"a \\\"quoted\\\" one\", charset=\"UTF-8\","
                + " Bearer Realm = \"x\"");

    assertThat(challenges)
        .extracting(Challenge::scheme)
        .containsExactly("Negotiate", "NTLM", "Basic", "Bearer");
    assertThat(challenges.get(1).token68()).contains("TlRMTVNT==");
    assertThat(challenges.get(2).realm()).contains("a \"quoted\" one");
    assertThat(challenges.get(2).parameters()).containsEntry("charset", "UTF-8");
    assertThat(challenges.get(3).realm()).contains("x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer realm=\"open",
        "Bearer realm=\"a\\",
        "Bearer realm=\"a\" service=\"b\"",
        "Bearer realm=\"a\",realm=\"b\"",
        "Bearer realm=",
        "Bearer =a",
        "\"Bearer\"",
        "Bearer realm=\"a\u0001b\""
      })
  void parse_malformed_isNothing(String header) {
    assertThat(Challenge.parse(header).stream().filter(c -> c.realm().isPresent())).isEmpty();
  }

  @Test
  void render_quotes() {
    assertThat(Challenge.of("Basic", Map.of("realm", "a\"b\\c")).render())
        .isEqualTo("Basic realm=\"a\\\"b\\\\c\"");
  }

  @Test
  void realms_concealAndReveal() {
    Realms realms = Realms.of(URI.create("https://registry.example.com"));
    List<String> hidden =
        realms.conceal(List.of("Bearer realm=\"https://auth.example.com/t?x=1\",service=\"s\""));

    assertThat(hidden).hasSize(1);
    String id = hidden.getFirst().replaceAll(".*/layercast/token/([0-9a-f]{16})\".*", "$1");
    assertThat(realms.find(id)).contains(URI.create("https://auth.example.com/t?x=1"));
    String first = Realms.reveal(hidden.getFirst(), "http://proxy:5005");
    String second = Realms.reveal(first, "http://localhost:5004");
    assertThat(second)
        .isEqualTo(
            "Bearer realm=\"http://localhost:5004/layercast/token/%s\",service=\"s\""
                .formatted(id));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer realm=\"http://auth.example.com/token\"",
        "Bearer realm=\"file:///etc/passwd\"",
        "Bearer realm=\"https://user:pw@auth.example.com/\"",
        "Bearer realm=\"/token\"",
        "Bearer service=\"x\""
      })
  void realms_thatMustNotGetCredentials_areLeftOut(String header) {
    Realms realms = Realms.of(URI.create("https://registry.example.com"));

    assertThat(realms.conceal(List.of(header))).isEmpty();
  }

  @Test
  void realms_othersSchemesStayAsTheyAre() {
    Realms realms = Realms.of(URI.create("https://registry.example.com"));

    assertThat(realms.conceal(List.of("Basic realm=\"R\""))).containsExactly("Basic realm=\"R\"");
  }
}
