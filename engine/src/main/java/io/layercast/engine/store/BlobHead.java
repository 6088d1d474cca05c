package io.layercast.engine.store;

import io.layercast.engine.PieceLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What a blob's {@code head} file says, integers big-endian:
 *
 * <pre>
 *  0        4                12           16           20       24       28
 *  | "LCBH" | size in bytes  | pieceBytes | generation | sealed | CRC32C |
 * </pre>
 *
 * {@code sealed} is 0 or 1; the checksum is that of the 24 bytes before it.
 */
record BlobHead(PieceLayout layout, int generation, boolean sealed) {
  static final int BYTES = 28;
  private static final int MAGIC = 0x4C434248;

  /**
   * The most pieces a stored blob may have: 4 TiB in pieces of 4 MiB. Bounds the memory a blob
   * takes, whatever a head or a manifest claims.
   */
  static final int MAX_PIECES = 1 << 20;

  BlobHead withSealed(boolean isSealed) {
    return new BlobHead(layout, generation, isSealed);
  }

  byte[] encode() {
    ByteBuffer head = ByteBuffer.allocate(BYTES);
    head.putInt(MAGIC)
        .putLong(layout.sizeBytes())
        .putInt(layout.pieceBytes())
        .putInt(generation)
        .putInt(sealed ? 1 : 0);
    return head.putInt(checksum(head.array())).array();
  }

  /**
   * @throws DamagedException when the file does not hold a head of ours
   */
  static BlobHead decode(byte[] file) throws DamagedException {
    if (file.length != BYTES) {
      throw new DamagedException("its head has " + file.length + " bytes, not " + BYTES);
    }
    ByteBuffer head = ByteBuffer.wrap(file);
    if (head.getInt(BYTES - 4) != checksum(file) || head.getInt() != MAGIC) {
      throw new DamagedException("its head does not match its checksum");
    }
    try {
      PieceLayout layout = new PieceLayout(head.getLong(), head.getInt());
      if (layout.pieceCount() > MAX_PIECES) {
        throw new DamagedException("its head claims " + layout.pieceCount() + " pieces");
      }
      return new BlobHead(layout, head.getInt(), head.getInt() == 1);
    } catch (IllegalArgumentException e) {
      throw new DamagedException("its head claims an impossible layout", e);
    }
  }

  private static int checksum(byte[] head) {
    CRC32C crc = new CRC32C();
    crc.update(head, 0, BYTES - 4);
    return (int) crc.getValue();
  }
}
