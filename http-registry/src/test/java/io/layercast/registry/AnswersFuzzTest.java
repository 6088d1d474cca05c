package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;

import akka.util.ByteString;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Whatever the body of an answer or a mounted file holds. */
class AnswersFuzzTest {
  private static final byte[] TICKET = {1};

  @FuzzTest
  void error(byte[] data) {
    OciError.relayable(data)
        .ifPresent(json -> {
          assertThat(json).startsWith("{\"errors\":[").endsWith("]}");
          byte[] sent = json.getBytes(StandardCharsets.UTF_8);
          assertThat(OciError.relayable(sent).orElseThrow().getBytes(StandardCharsets.UTF_8))
              .isEqualTo(sent);
        });
    OciError.detailOf(new String(data, StandardCharsets.UTF_8))
        .ifPresent(detail -> assertThat(detail).isNotEmpty());
  }

  @FuzzTest
  void ticket(byte[] json) {
    ByteString frame = ByteString.fromArray(TICKET).concat(ByteString.fromArray(json));
    try {
      MetainfoFrames.Frame ticket = MetainfoFrames.decode(frame);
      assertThat(MetainfoFrames.decode(MetainfoFrames.encode(ticket).drop(4))).isEqualTo(ticket);
    } catch (MetainfoFrames.MalformedFrameException e) {
      assertThat(e).hasNoCause(); // a parser's own words would quote the secret
    }
  }

  @FuzzTest
  void certificates(byte[] pem) {
    try {
      var _ = PemTls.client(pem);
    } catch (IllegalArgumentException _) {
      // the one it says
    }
  }

  @FuzzTest
  void privateKey(byte[] der) {
    String pem =
        "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
            .formatted(Base64.getMimeEncoder().encodeToString(der));
    try {
      var _ = PemTls.privateKey(pem.getBytes(StandardCharsets.US_ASCII));
    } catch (IllegalArgumentException _) {
      // the one it says
    }
  }
}
