package io.layercast.swarm.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.layercast.engine.PieceLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MetainfoTest {
  private static final String INFO =
      "d2:lc4:salt6:lengthi131073e4:name3:abc12:piece lengthi131072e6:pieces40:"
          + "x".repeat(40)
          + "7:privatei1ee";
  private static final byte[] FILE =
      ("d8:announce9:http://t/4:info" + INFO + "e").getBytes(StandardCharsets.US_ASCII);

  private static Metainfo metainfo() {
    byte[] pieces = new byte[40];
    Arrays.fill(pieces, (byte) 'x');
    return new Metainfo(
        "http://t/",
        "abc",
        new PieceLayout(131073, 131072),
        pieces,
        "salt".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void file_isAsInBep3() throws WireException {
    assertThat(new String(metainfo().encode(), StandardCharsets.US_ASCII))
        .isEqualTo(new String(FILE, StandardCharsets.US_ASCII));
    assertThat(Metainfo.decode(FILE)).isEqualTo(metainfo());
  }

  @Test
  void infoHash_isTheSha1OfTheInfoDictionary() {
    byte[] expected = Metainfo.sha1().digest(INFO.getBytes(StandardCharsets.US_ASCII));
    assertThat(metainfo().infoHash().toBytes()).isEqualTo(expected);
  }

  @Test
  void whatWeWouldNotWrite_isRefused() {
    String file = new String(FILE, StandardCharsets.US_ASCII);
    String[] bad = {
      file.replace("i131072e", "i131073e"),
      file.replace("i131073e", "i-1e"),
      file.replace("6:pieces40:", "6:pieces39:"),
      file.replace("4:name3:abc", ""),
      file.replace("4:name3:abc", "4:name3:abc3:nextsi1e"),
      file.replace("7:privatei1e", "7:privatei0e"),
      "de",
      "le"
    };
    for (String each : bad) {
      assertThatThrownBy(() -> Metainfo.decode(each.getBytes(StandardCharsets.US_ASCII)))
          .as(each)
          .isInstanceOf(WireException.class);
    }
  }
}
