package io.layercast.engine.store;

import io.layercast.engine.PieceHash;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.PieceProof;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What a blob's file of proofs says of one piece. All records of a blob have one length, that of
 * {@code n = pieceBytes / 128 KiB} chunks; record {@code i} stands at {@code i} times it. Integers
 * are big-endian.
 *
 * <pre>
 *  0        4             36       52                        52+4n    56+4n
 *  | "LCPR" | SHA-256     | MAC    | CRC32C of each chunk    | CRC32C |
 * </pre>
 *
 * The last piece may have fewer chunks; the spare checksums are 0. The record's own checksum covers
 * generation and index (4 bytes each, not stored) and then all before it, so that a record of
 * zeros, torn, of another place or of an older generation is no record.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PieceRecord(PieceProof proof, int[] chunkChecksums) {
  private static final int MAGIC = 0x4C435052;
  private static final int CHECKSUMS_AT = 4 + PieceHash.BYTES + PieceProof.MAC_BYTES;

  /** How long every record of a blob of this layout is. */
  static int length(PieceLayout layout) {
    return CHECKSUMS_AT + 4 * (layout.pieceBytes() / PieceLayout.CHUNK_BYTES) + 4;
  }

  /** Where the record of {@code piece} stands. */
  static long offset(PieceLayout layout, int piece) {
    return (long) piece * length(layout);
  }

  /** The checksums of the chunks of a piece that lies between position and limit. */
  static PieceRecord of(PieceProof proof, ByteBuffer bytes) {
    ByteBuffer rest = bytes.duplicate();
    int end = rest.limit();
    int[] checksums = new int[Math.ceilDiv(rest.remaining(), PieceLayout.CHUNK_BYTES)];
    CRC32C crc = new CRC32C();
    for (int i = 0; i < checksums.length; i++) {
      rest.limit(Math.min(end, rest.position() + PieceLayout.CHUNK_BYTES));
      crc.reset();
      crc.update(rest);
      checksums[i] = (int) crc.getValue();
    }
    return new PieceRecord(proof, checksums);
  }

  ByteBuffer encode(BlobHead head, int piece) {
    ByteBuffer record = ByteBuffer.allocate(length(head.layout()));
    record.putInt(MAGIC).put(proof.hash().toBytes()).put(proof.mac());
    for (int checksum : chunkChecksums) {
      record.putInt(checksum);
    }
    int checksumAt = record.capacity() - 4;
    record.putInt(checksumAt, checksum(record.array(), 0, checksumAt, head.generation(), piece));
    return record.clear();
  }

  /** The record of {@code piece} at {@code from} in {@code file}, or empty when it is none. */
  static Optional<PieceRecord> decode(byte[] file, int from, BlobHead head, int piece) {
    if (!isRecord(file, from, head, piece)) {
      return Optional.empty();
    }
    ByteBuffer record = ByteBuffer.wrap(file, from + 4, length(head.layout()) - 4);
    byte[] hash = new byte[PieceHash.BYTES];
    byte[] mac = new byte[PieceProof.MAC_BYTES];
    record.get(hash).get(mac);
    int[] checksums = new int[Math.ceilDiv(head.layout().lengthOf(piece), PieceLayout.CHUNK_BYTES)];
    Arrays.setAll(checksums, _ -> record.getInt());
    return Optional.of(new PieceRecord(new PieceProof(PieceHash.of(hash), mac), checksums));
  }

  /** Whether the record of {@code piece} stands at {@code from} in {@code file}. */
  static boolean isRecord(byte[] file, int from, BlobHead head, int piece) {
    ByteBuffer record = ByteBuffer.wrap(file);
    int covered = length(head.layout()) - 4;
    return record.getInt(from) == MAGIC
        && record.getInt(from + covered) == checksum(file, from, covered, head.generation(), piece);
  }

  /** What chunk {@code chunk} must check to, in the record that {@code file} is. */
  static int chunkChecksum(byte[] file, int chunk) {
    return ByteBuffer.wrap(file).getInt(CHECKSUMS_AT + 4 * chunk);
  }

  private static int checksum(byte[] file, int from, int length, int generation, int piece) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(8).putInt(generation).putInt(piece).flip());
    crc.update(file, from, length);
    return (int) crc.getValue();
  }
}
