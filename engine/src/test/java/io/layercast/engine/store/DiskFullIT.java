package io.layercast.engine.store;

import static io.layercast.engine.store.Blobs.DIGEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.layercast.engine.Digest;
import io.layercast.engine.PieceHash;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.PieceProof;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store on a real file system of 4 MiB that fills up. */
class DiskFullIT {
  private static final PieceLayout LAYOUT = new PieceLayout(8 * 1024 * 1024, 1024 * 1024);
  private static final byte[] PIECE = Blobs.randomBytes(LAYOUT.pieceBytes(), 2);
  private static final PieceProof PROOF =
      new PieceProof(
          PieceHash.of(PieceHash.hasher().digest(PIECE)), new byte[PieceProof.MAC_BYTES]);

  @TempDir Path mountPoint;
  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    mounted = run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", mountPoint.toString()) == 0;
    assumeTrue(mounted, "mounting a tmpfs needs root and CAP_SYS_ADMIN");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(run("umount", mountPoint.toString())).isZero();
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  @Test
  void fullDisk_keepsWhatIsThereAndGoesOnWhenThereIsRoom() throws IOException {
    List<Integer> written = new ArrayList<>();
    try (BlobStore store = BlobStore.open(mountPoint)) {
      StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
      assertThatThrownBy(() -> fill(blob, written)).isInstanceOf(IOException.class);
      assertThat(written).hasSize(3); // the fourth MiB lacks the room the other files take
      assertThat(blob.have().stream().boxed()).containsExactlyElementsOf(written);
      assertReadable(blob, written);
    }
    try (BlobStore store = BlobStore.open(mountPoint)) {
      StoredBlob blob = store.find(DIGEST).orElseThrow();
      assertThat(blob.have().stream().boxed()).containsExactlyElementsOf(written);
      assertReadable(blob, written);
      blob.delete();

      Digest other = Digest.sha256Of("other".getBytes(StandardCharsets.US_ASCII));
      StoredBlob next = store.openOrCreate(other, LAYOUT, 0);
      next.write(0, ByteBuffer.wrap(PIECE), PROOF);
      assertReadable(next, List.of(0));
    }
  }

  private static void fill(StoredBlob blob, List<Integer> written) throws IOException {
    for (int piece = 0; piece < LAYOUT.pieceCount(); piece++) {
      blob.write(piece, ByteBuffer.wrap(PIECE), PROOF);
      written.add(piece);
    }
  }

  private static void assertReadable(StoredBlob blob, List<Integer> pieces) throws IOException {
    for (int piece : pieces) {
      byte[] bytes = new byte[PIECE.length];
      blob.read(piece, 0, ByteBuffer.wrap(bytes, 0, bytes.length));
      assertThat(bytes).isEqualTo(PIECE);
    }
  }
}
