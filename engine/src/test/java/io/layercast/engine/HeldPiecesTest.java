package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HeldPiecesTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final String PIECE_2 = piece("00000002", "11", "22");
  private static final String PIECE_258 = piece("00000102", "33", "44");

  private static String piece(String index, String hash, String mac) {
    return index + hash.repeat(32) + mac.repeat(16);
  }

  private static LayerNews.PieceKnown piece(int index, String hash, String mac) {
    return new LayerNews.PieceKnown(
        3,
        index,
        new PieceProof(PieceHash.of(HEX.parseHex(hash.repeat(32))), HEX.parseHex(mac.repeat(16))));
  }

  @Test
  void encode_isFourBytesAndFiftyTwoAPiece() {
    HeldPieces held = new HeldPieces(3, List.of(piece(2, "11", "22"), piece(258, "33", "44")));
    assertThat(HEX.formatHex(held.encode())).isEqualTo("00000003" + PIECE_2 + PIECE_258);
    assertThat(HeldPieces.maxBytes(2)).isEqualTo(held.encode().length);
    assertThat(HeldPieces.decode(held.encode(), 259)).isEqualTo(held);
    assertThat(held.last()).contains(piece(258, "33", "44"));
  }

  @Test
  void decode_ofNothingHeld_isEmpty() {
    assertThat(HeldPieces.decode(HEX.parseHex("00000000"), 5))
        .isEqualTo(new HeldPieces(0, List.of()));
    assertThat(new HeldPieces(0, List.of()).last()).isEmpty();
  }

  private static List<String> malformed() {
    return List.of(
        "", // no generation
        "000000", // half of one
        "ffffffff", // a generation below 0
        "00000003" + PIECE_2 + PIECE_2, // twice the same
        "00000003" + PIECE_258, // beyond the blob
        "00000003" + piece("ffffffff", "11", "22"), // an index below 0
        "00000003" + PIECE_2 + "00", // one byte too many
        "00000003" + PIECE_2.substring(2)); // one too few
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void decode_ofAnythingElse_isRefused(String hex) {
    assertThatThrownBy(() -> HeldPieces.decode(HEX.parseHex(hex), 258))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void decode_ofMorePiecesThanTheBlobHas_isRefusedUnread() {
    byte[] long3 = new byte[(int) HeldPieces.maxBytes(3)];
    assertThatThrownBy(() -> HeldPieces.decode(long3, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 2 pieces");
  }
}
