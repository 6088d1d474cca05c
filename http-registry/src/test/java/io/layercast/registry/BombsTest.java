package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.util.ByteString;
import io.layercast.engine.Digest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that are small and would grow: compressed ones, and JSON without end of its depth. */
class BombsTest {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";

  /** 1,000 times as large as what is sent, and above every bound. */
  private static final int BOMB_BYTES = 32 * 1024 * 1024;

  private static final String ALICE = FakeRegistry.basic("alice:secret");
  private static Installation installation;

  @BeforeAll
  static void start(@TempDir Path folder) {
    installation = new Installation(folder);
  }

  @AfterAll
  static void stop() {
    installation.close();
  }

  @AfterEach
  void wellBehaved() {
    installation.origin.trouble = FakeRegistry.Trouble.NONE;
    installation.origin.login = FakeRegistry.Login.OPEN;
  }

  /** Nothing of ours unpacks: what comes is not what its digest says. */
  @Test
  void compressedManifest_isNeitherUnpackedNorServed() {
    Digest digest = installation.origin.putManifest("team/app", "bomb", TYPE, new byte[BOMB_BYTES]);
    installation.origin.trouble = FakeRegistry.Trouble.GZIP;

    for (String reference : List.of("bomb", digest.toString())) {
      HttpResponse<byte[]> answer =
          installation.get(installation.agent, "/v2/team/app/manifests/" + reference);
      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(text(answer)).hasSizeLessThan(1_000).contains("MANIFEST_INVALID");
    }
  }

  @Test
  void compressedToken_isRefused() {
    installation.origin.login = FakeRegistry.Login.BEARER;
    installation.origin.allow("alice:secret", "team/app");
    Matcher realm =
        Pattern.compile("realm=\"http://[^/]+(/[^\"]+)\"")
            .matcher(
                installation
                    .get(installation.agent, "/v2/team/app/manifests/any")
                    .headers()
                    .firstValue("WWW-Authenticate")
                    .orElseThrow());
    assertThat(realm.find()).isTrue();
    String ask = realm.group(1) + "?service=fake&scope=repository:team/app:pull";
    assertThat(text(installation.get(installation.agent, ask, "Authorization", ALICE)))
        .contains("\"token\"");

    installation.origin.trouble = FakeRegistry.Trouble.GZIP;
    HttpResponse<byte[]> answer = installation.get(installation.agent, ask, "Authorization", ALICE);
    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(text(answer)).contains("\"errors\"");
  }

  /** Deeper than Jackson's own bound by far; a reader without one would end by its stack. */
  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"errors\":", "{\"errors\":[{\"detail\":{\"a\":"})
  void deepJson_isMalformed(String level) {
    byte[] json = level.repeat(100_000).getBytes(StandardCharsets.UTF_8);

    assertThat(OciError.relayable(json)).isEmpty();
    assertThat(OciError.detailOf(new String(json, StandardCharsets.UTF_8))).isEmpty();
    ByteString ticket = ByteString.fromArray(new byte[] {1}).concat(ByteString.fromArray(json));
    assertThatThrownBy(() -> MetainfoFrames.decode(ticket))
        .isInstanceOf(MetainfoFrames.MalformedFrameException.class);
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }
}
