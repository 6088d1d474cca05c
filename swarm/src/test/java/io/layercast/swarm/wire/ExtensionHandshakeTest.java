package io.layercast.swarm.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ExtensionHandshakeTest {
  private static final String NONCE = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void ours_isAsTheAdrSays() throws WireException {
    ExtensionHandshake ours =
        new ExtensionHandshake(
            "L",
            OptionalInt.of(6881),
            OptionalInt.of(512),
            Optional.of(new ExtensionHandshake.Ours(1, bytes(NONCE), 131072)));
    byte[] wire =
        bytes(
            "d2:lcd1:bi131072e1:n32:"
                + NONCE
                + "1:vi1ee1:md8:lc_proofi1ee1:pi6881e4:reqqi512e1:v1:Le");

    assertThat(new String(ours.encode(), StandardCharsets.ISO_8859_1))
        .isEqualTo(new String(wire, StandardCharsets.ISO_8859_1));
    assertThat(ExtensionHandshake.decode(wire)).isEqualTo(ours);
  }

  @Test
  void exampleOfBep10_isUnderstood() throws WireException {
    ExtensionHandshake theirs =
        ExtensionHandshake.decode(
            bytes("d1:md11:LT_metadatai1e6:\u00b5T_PEXi2ee1:pi6881e1:v13:\u00b5Torrent 1.2xe"));

    assertThat(theirs.listenPort()).hasValue(6881);
    assertThat(theirs.ours()).isEmpty();
    assertThat(theirs.client()).endsWith("Torrent 1.2x");
  }

  @Test
  void valuesOutOfRange_countAsAbsent() throws WireException {
    ExtensionHandshake theirs = ExtensionHandshake.decode(bytes("d1:pi70000e4:reqqi-5ee"));

    assertThat(theirs.listenPort()).isEmpty();
    assertThat(theirs.requestQueue()).isEmpty();
  }

  @Test
  void brokenLc_isRefused() {
    String[] broken = {
      "d2:lcdee",
      "d2:lcd1:bi131072e1:n3:abce1:md8:lc_proofi1eee",
      "d2:lcd1:bi131072e1:n32:" + NONCE + "ee",
      "d2:lcd1:bi0e1:n32:" + NONCE + "1:vi1ee1:md8:lc_proofi1eee",
      "d2:lcd1:bi16383e1:n32:" + NONCE + "1:vi1ee1:md8:lc_proofi1eee",
      "i5e",
      ""
    };
    for (String each : broken) {
      assertThatThrownBy(() -> ExtensionHandshake.decode(bytes(each)))
          .as(each)
          .isInstanceOf(WireException.class);
    }
  }
}
