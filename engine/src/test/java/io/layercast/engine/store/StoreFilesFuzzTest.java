package io.layercast.engine.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.layercast.engine.Digest;
import io.layercast.engine.PieceLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Whatever a data folder holds, with checksums that are right: who writes there can compute them.
 */
class StoreFilesFuzzTest {
  private static final PieceLayout LAYOUT = new PieceLayout(300_000, 131_072);
  private static final BlobHead HEAD = new BlobHead(LAYOUT, 7, true);
  private static final int MAX_PROOF_BYTES = 4 * PieceRecord.length(LAYOUT);
  private static final Digest DIGEST = Digest.sha256Of(new byte[0]);

  @FuzzTest
  void head(byte[] data) {
    try {
      BlobHead head = BlobHead.decode(data.length == 24 ? checked(data, data) : data);
      assertThat(head.layout().pieceCount()).isBetween(0, BlobHead.MAX_PIECES);
      assertThat(BlobHead.decode(head.encode())).isEqualTo(head);
    } catch (DamagedException _) {
      // the one it says
    }
  }

  @FuzzTest
  void record(byte[] data) {
    int length = PieceRecord.length(LAYOUT);
    byte[] body = Arrays.copyOf(data, length - 4);
    ByteBuffer covered =
        ByteBuffer.allocate(8 + body.length).putInt(HEAD.generation()).putInt(1).put(body);
    Optional<PieceRecord> found = PieceRecord.decode(checked(body, covered.array()), 0, HEAD, 1);
    assertThat(found.isPresent()).isEqualTo(ByteBuffer.wrap(body).getInt() == 0x4C435052);
    found.ifPresent(record -> assertThat(record.chunkChecksums()).hasSize(1));
  }

  @FuzzTest
  void manifest(byte[] data) {
    int typeLength = data.length < 6 ? 0 : Short.toUnsignedInt(ByteBuffer.wrap(data).getShort(4));
    int covered = Math.min(6 + typeLength, data.length);
    ByteBuffer file = ByteBuffer.allocate(data.length + 4);
    file.put(checked(Arrays.copyOf(data, covered), Arrays.copyOf(data, covered)));
    file.put(data, covered, data.length - covered);
    try {
      assertThat(ManifestFile.decode(file.array()).bytes())
          .isEqualTo(Arrays.copyOfRange(data, covered, data.length));
    } catch (DamagedException _) {
      // the one it says
    }
  }

  @FuzzTest
  void folder(byte[] proofs) throws IOException {
    Path root = Files.createTempDirectory("store");
    try {
      BlobFolder folder = new BlobFolder(StoreTree.open(root), DIGEST);
      folder.create(HEAD);
      Files.write(folder.path().resolve("data"), new byte[140_000]);
      byte[] cut = Arrays.copyOf(proofs, Math.min(proofs.length, MAX_PROOF_BYTES));
      Files.write(folder.path().resolve("proofs"), cut);
      BlobFolder.Found found = folder.read().orElseThrow();
      assertThat(found.have().has(2)).isFalse(); // no data stands there
      assertThat(found.storedBytes()).isPositive();
    } catch (DamagedException e) {
      assertThat(e).hasMessageContaining("proofs");
    } finally {
      StoreTree.deleteAll(root);
    }
  }

  @FuzzTest
  void version(byte[] content) throws IOException {
    Path root = Files.createTempDirectory("store");
    try {
      Files.write(root.resolve("VERSION"), content);
      StoreTree.open(root);
      assertThat(new String(content, java.nio.charset.StandardCharsets.UTF_8).strip())
          .isEqualTo("1");
    } catch (IOException _) {
      // the one it says
    } finally {
      StoreTree.deleteAll(root);
    }
  }

  /** {@code body} with the checksum of {@code covered} after it. */
  private static byte[] checked(byte[] body, byte[] covered) {
    CRC32C crc = new CRC32C();
    crc.update(covered);
    return ByteBuffer.allocate(body.length + 4).put(body).putInt((int) crc.getValue()).array();
  }
}
