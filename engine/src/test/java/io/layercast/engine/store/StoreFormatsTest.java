package io.layercast.engine.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.layercast.engine.PieceHash;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.PieceProof;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * The bytes of the store's files, computed with a CRC32C of our own in Python (checked by the
 * standard's "123456789" → E3069283), so that a store stays readable.
 */
class StoreFormatsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final PieceLayout LAYOUT = new PieceLayout(300_000, 131_072);
  private static final BlobHead HEAD = new BlobHead(LAYOUT, 7, true);
  private static final String HEAD_HEX = "4c43424800000000000493e000020000000000070000000120616788";
  private static final String RECORD_HEX =
      "4c435052000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
          + "a0a1a2a3a4a5a6a7a8a9aaabacadaeafdb1775df231249ea";
  private static final String MANIFEST_HEX =
      "4c434d4600276170706c69636174696f6e2f766e642e6f63692e696d6167652e696e646578"
          + "2e76312b6a736f6e8f1e75987b7d";

  @Test
  void head_isAsDrawn() throws Exception {
    assertThat(HEX.formatHex(HEAD.encode())).isEqualTo(HEAD_HEX);
    assertThat(BlobHead.decode(HEX.parseHex(HEAD_HEX))).isEqualTo(HEAD);
  }

  @Test
  void head_refusesEveryChangedBitAndLength() {
    byte[] head = HEX.parseHex(HEAD_HEX);
    for (int bit = 0; bit < head.length * 8; bit++) {
      assertThatThrownBy(flipped(head, bit)).isInstanceOf(DamagedException.class);
    }
    for (int length = 0; length < head.length; length++) {
      byte[] cut = Arrays.copyOf(head, length);
      assertThatThrownBy(() -> BlobHead.decode(cut)).isInstanceOf(DamagedException.class);
    }
  }

  private static org.assertj.core.api.ThrowableAssert.ThrowingCallable flipped(
      byte[] head, int bit) {
    byte[] changed = head.clone();
    changed[bit / 8] ^= (byte) (1 << bit % 8);
    return () -> BlobHead.decode(changed);
  }

  @Test
  void head_refusesLayoutsThatAreNone() {
    // Their checksums are right: somebody took pains.
    byte[] tooMany = new BlobHead(new PieceLayout(1L << 40, 131_072), 0, false).encode();
    assertThatThrownBy(() -> BlobHead.decode(tooMany))
        .isInstanceOf(DamagedException.class)
        .hasMessageContaining("8388608 pieces");
  }

  @Test
  void record_isAsDrawn() {
    byte[] hash = new byte[PieceHash.BYTES];
    byte[] mac = new byte[PieceProof.MAC_BYTES];
    for (int i = 0; i < hash.length; i++) {
      hash[i] = (byte) i;
    }
    for (int i = 0; i < mac.length; i++) {
      mac[i] = (byte) (0xa0 + i);
    }
    PieceProof proof = new PieceProof(PieceHash.of(hash), mac);
    byte[] bytes = new byte[LAYOUT.lengthOf(2)];
    Arrays.fill(bytes, (byte) 0x5a);

    ByteBuffer encoded = PieceRecord.of(proof, ByteBuffer.wrap(bytes)).encode(HEAD, 2);
    byte[] file = new byte[encoded.remaining()];
    encoded.get(file);
    assertThat(HEX.formatHex(file)).isEqualTo(RECORD_HEX);
    assertThat(file).hasSize(PieceRecord.length(LAYOUT));
    assertThat(PieceRecord.decode(HEX.parseHex(RECORD_HEX), 0, HEAD, 2))
        .map(PieceRecord::proof)
        .contains(proof);
  }

  @Test
  void record_isOfItsPieceAndGeneration() {
    byte[] file = HEX.parseHex(RECORD_HEX);

    assertThat(PieceRecord.isRecord(file, 0, HEAD, 2)).isTrue();
    assertThat(PieceRecord.isRecord(file, 0, HEAD, 1)).isFalse();
    assertThat(PieceRecord.isRecord(file, 0, new BlobHead(LAYOUT, 8, true), 2)).isFalse();
    assertThat(PieceRecord.isRecord(new byte[file.length], 0, HEAD, 2)).isFalse();
    for (int bit = 0; bit < file.length * 8; bit++) {
      file[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(PieceRecord.isRecord(file, 0, HEAD, 2)).isFalse();
      file[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }

  @Test
  void manifest_isAsDrawn() throws Exception {
    byte[] manifest = "{}".getBytes(StandardCharsets.US_ASCII);
    String mediaType = "application/vnd.oci.image.index.v1+json";

    assertThat(HEX.formatHex(ManifestFile.encode(mediaType, manifest))).isEqualTo(MANIFEST_HEX);
    assertThat(ManifestFile.decode(HEX.parseHex(MANIFEST_HEX)))
        .isEqualTo(new StoredManifest(mediaType, manifest));
  }
}
