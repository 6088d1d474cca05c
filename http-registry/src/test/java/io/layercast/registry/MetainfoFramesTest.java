package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.util.ByteString;
import io.layercast.engine.Digest;
import io.layercast.engine.LayerNews;
import io.layercast.engine.LayerTicket;
import io.layercast.engine.PieceHash;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.PieceProof;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetainfoFramesTest {
  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toArray());
  }

  private static ByteString bytes(String hex) {
    return ByteString.fromArray(HexFormat.of().parseHex(hex));
  }

  @Test
  void pieceKnown_isFiftySevenBytes() {
    PieceProof proof =
        new PieceProof(
            PieceHash.of(HexFormat.of().parseHex("11".repeat(32))),
            HexFormat.of().parseHex("22".repeat(16)));
    MetainfoFrames.Frame frame = new MetainfoFrames.News(new LayerNews.PieceKnown(1, 258, proof));

    assertThat(hex(MetainfoFrames.encode(frame)))
        .isEqualTo("00000039" + "02" + "00000001" + "00000102" + "11".repeat(32) + "22".repeat(16));
    assertThat(MetainfoFrames.decode(MetainfoFrames.encode(frame).drop(4))).isEqualTo(frame);
  }

  @Test
  void smallFrames() {
    assertThat(hex(MetainfoFrames.encode(new MetainfoFrames.News(new LayerNews.Sealed(2)))))
        .isEqualTo("000000050300000002");
    assertThat(hex(MetainfoFrames.encode(new MetainfoFrames.News(new LayerNews.Rejected(0, "no")))))
        .isEqualTo("0000000704000000006e6f");
    assertThat(hex(MetainfoFrames.encode(new MetainfoFrames.Inline(bytes("cafe")))))
        .isEqualTo("0000000305cafe");
    assertThat(hex(MetainfoFrames.encode(new MetainfoFrames.Relayed(OptionalLong.empty()))))
        .isEqualTo("0000000106");
    assertThat(hex(MetainfoFrames.encode(new MetainfoFrames.Relayed(OptionalLong.of(9)))))
        .isEqualTo("00000009060000000000000009");
    assertThat(hex(MetainfoFrames.encode(new MetainfoFrames.KeepAlive()))).isEqualTo("0000000107");
  }

  @Test
  void relayed_comesBackWithOrWithoutASize() {
    for (OptionalLong size : List.of(OptionalLong.empty(), OptionalLong.of(5_000_000_000L))) {
      var frame = new MetainfoFrames.Relayed(size);
      assertThat(MetainfoFrames.decode(MetainfoFrames.encode(frame).drop(4))).isEqualTo(frame);
    }
    assertThatThrownBy(() -> MetainfoFrames.decode(bytes("06ffffffffffffffff")))
        .hasMessageContaining("below 0");
    assertThatThrownBy(() -> MetainfoFrames.decode(bytes("06000009")))
        .hasMessageContaining("too short");
  }

  @Test
  void ticket_comesBack() {
    Digest digest = Digest.sha256Of(new byte[] {1});
    LayerTicket ticket =
        new LayerTicket(
            digest,
            new PieceLayout(5_000_000_000L, 4 << 20),
            3,
            FakeLayers.KEYS.id(digest, 3),
            FakeLayers.KEYS.secret(digest, 3),
            List.of(new HostAndPort("10.0.0.1", 6882).toSocketAddress()));
    MetainfoFrames.Frame frame = new MetainfoFrames.Ticket(ticket);

    assertThat(MetainfoFrames.decode(MetainfoFrames.encode(frame).drop(4))).isEqualTo(frame);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "00", "08", "0300000000ff", "03000000", "02", "03ffffffff", "017b7d"})
  void malformed_isRefused(String hex) {
    assertThatThrownBy(() -> MetainfoFrames.decode(bytes(hex)))
        .isInstanceOf(MetainfoFrames.MalformedFrameException.class);
  }

  @Test
  void malformedTicket_isNotQuoted() {
    ByteString frame = ByteString.fromString("\u0001{\"secret\":\"0123\"");

    assertThatThrownBy(() -> MetainfoFrames.decode(frame))
        .hasNoCause()
        .hasMessageNotContaining("0123");
  }
}
