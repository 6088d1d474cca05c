package io.layercast.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.BitSet;

/**
 * Which pieces of a layer lie on a node's disk, by the file of proofs beside it: a record for each
 * piece that is there, {@code "LCPR", 32 + 16 bytes, CRC32C of each 128 KiB, CRC32C}. For layers of
 * 16 MiB to 1 GiB, whose pieces are 1 MiB.
 */
final class StoredPieces {
  static final int PIECE_BYTES = 1 << 20;
  private static final int RECORD_BYTES = 4 + 32 + 16 + 4 * (PIECE_BYTES / (128 * 1024)) + 4;
  private static final int MAGIC = 0x4C435052;

  private StoredPieces() {}

  /** None while the node knows nothing of the layer. */
  static BitSet of(Role node, Blob layer) throws IOException {
    String hex = Sha256.hexOf(layer.digest());
    Path proofs =
        node.data().resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex + "/proofs");
    BitSet pieces = new BitSet();
    try {
      ByteBuffer records = ByteBuffer.wrap(Files.readAllBytes(proofs));
      for (int i = 0; (i + 1) * RECORD_BYTES <= records.limit(); i++) {
        pieces.set(i, records.getInt(i * RECORD_BYTES) == MAGIC);
      }
    } catch (NoSuchFileException _) {
      return pieces;
    }
    return pieces;
  }

  /** How many pieces the layer has. */
  static int countOf(Blob layer) {
    return (int) Math.ceilDiv(layer.sizeBytes(), (long) PIECE_BYTES);
  }

  /** The bytes of these pieces of the layer. */
  static long bytes(BitSet pieces, Blob layer) {
    long whole = (long) pieces.cardinality() * PIECE_BYTES;
    int last = countOf(layer) - 1;
    return pieces.get(last) ? whole - ((last + 1L) * PIECE_BYTES - layer.sizeBytes()) : whole;
  }
}
