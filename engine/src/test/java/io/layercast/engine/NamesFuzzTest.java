package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** What a name of the distribution spec lets through is safe in a path, a URL and a log line. */
class NamesFuzzTest {
  @FuzzTest
  void digest(byte[] data) {
    String text = text(data);
    Digest.parse(text)
        .ifPresent(digest -> {
          assertThat(digest).hasToString(text);
          assertThat(digest.hex()).matches("[0-9a-f]{64}|[0-9a-f]{128}");
        });
  }

  @FuzzTest
  void reference(byte[] data) {
    String text = text(data);
    Reference.parse(text)
        .ifPresent(reference -> {
          assertThat(reference).hasToString(text);
          assertThat(text).matches("[a-zA-Z0-9_][a-zA-Z0-9._:-]*").doesNotStartWith(".");
        });
  }

  @FuzzTest
  void repositoryName(byte[] data) {
    String text = text(data);
    RepositoryName.parse(text)
        .ifPresent(name ->
            assertThat(name.value())
                .isEqualTo(text)
                .matches("[a-z0-9._/-]{1,255}")
                .doesNotContain("..", "//", "./", "/.")
                .doesNotStartWith("/")
                .doesNotEndWith("/"));
  }

  @FuzzTest
  void clusterCredential(byte[] data) {
    try {
      ClusterCredential credential = ClusterCredential.parse(data);
      assertThat(credential.isShownBy(credential.reveal())).isTrue();
    } catch (IllegalArgumentException e) {
      assertThat(e).hasNoCause().hasMessage("a credential of the cluster is 64 hex digits");
    }
  }

  private static String text(byte[] data) {
    return new String(data, StandardCharsets.ISO_8859_1);
  }
}
