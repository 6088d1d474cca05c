package io.layercast.engine.store;

import io.layercast.engine.Digest;
import io.layercast.engine.PieceHash;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.PieceProof;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** A blob of random bytes for tests: its digest, its pieces and their proofs. */
final class Blobs {
  static final PieceLayout LAYOUT = new PieceLayout(1_000_000, 2 * PieceLayout.CHUNK_BYTES);
  static final byte[] BYTES = randomBytes(1_000_000, 1);
  static final Digest DIGEST = Digest.sha256Of(BYTES);

  private Blobs() {}

  static byte[] randomBytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static byte[] piece(int piece) {
    int offset = (int) LAYOUT.offsetOf(piece);
    return Arrays.copyOfRange(BYTES, offset, offset + LAYOUT.lengthOf(piece));
  }

  static PieceProof proof(int piece) {
    byte[] mac = new byte[PieceProof.MAC_BYTES];
    Arrays.fill(mac, (byte) piece);
    return new PieceProof(PieceHash.of(PieceHash.hasher().digest(piece(piece))), mac);
  }

  static void write(StoredBlob blob, int... pieces) throws IOException {
    for (int piece : pieces) {
      blob.write(piece, ByteBuffer.wrap(piece(piece)), proof(piece));
    }
  }

  static byte[] read(StoredBlob blob, int piece) throws IOException {
    byte[] bytes = new byte[LAYOUT.lengthOf(piece)];
    blob.read(piece, 0, ByteBuffer.wrap(bytes, 0, bytes.length));
    return bytes;
  }

  /** A file of the blob under {@code root}. */
  static Path file(Path root, String name) {
    return folder(root).resolve(name);
  }

  static Path folder(Path root) {
    String hex = DIGEST.hex();
    return root.resolve("blobs").resolve("sha256").resolve(hex.substring(0, 2)).resolve(hex);
  }
}
