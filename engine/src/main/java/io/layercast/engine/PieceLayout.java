package io.layercast.engine;

/**
 * How a blob of {@code sizeBytes} is cut into pieces of {@code pieceBytes}; the last one may be
 * shorter. An empty blob has no pieces.
 *
 * <p>The length grows with the blob: see {@link #forSize}.
 */
public record PieceLayout(long sizeBytes, int pieceBytes) {
  /** Every length of a piece is a multiple of this, the store's unit of checksum. */
  public static final int CHUNK_BYTES = 128 * 1024;

  /** The longest piece anyone may announce; bounds a receiver's buffer. */
  public static final int MAX_PIECE_BYTES = 16 * 1024 * 1024;

  private static final int MIN_PIECES = 16;
  private static final int MEBIBYTE = 1024 * 1024;
  private static final long LARGE_BLOB_BYTES = 1024L * MEBIBYTE;

  public PieceLayout {
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("a blob of " + sizeBytes + " bytes");
    }
    if (pieceBytes < CHUNK_BYTES || pieceBytes > MAX_PIECE_BYTES || pieceBytes % CHUNK_BYTES != 0) {
      throw new IllegalArgumentException(
          "a piece is a multiple of %d up to %d bytes, not %d"
              .formatted(CHUNK_BYTES, MAX_PIECE_BYTES, pieceBytes));
    }
    if (Math.ceilDiv(sizeBytes, pieceBytes) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("too many pieces: " + sizeBytes + " / " + pieceBytes);
    }
  }

  /**
   * The layout every node derives for a blob of this size.
   *
   * <p>A hop of the cut-through chain costs the time of one piece, so short pieces make the first
   * byte early (1 MiB at 100 MB/s is 10 ms) and give a small blob enough pieces to share; long ones
   * keep hash lists (32 bytes a piece) and HAVE traffic (9 bytes a piece and peer) small. At 1 MiB
   * a blob of 1 GiB has 1,024 pieces: 32 KiB of hashes, 9 KiB of HAVEs a peer. Above that 4 MiB
   * holds a 10 GiB blob at 2,560 pieces. Below 16 MiB the length is halved until there are 16
   * pieces at least, but is never below a chunk: a node that sends 4 pieces of 768 KiB at a time at
   * 100 MB/s has passed on nothing for 31 ms, the whole time of a layer of 3 MiB; of 128 KiB, for 5
   * ms (ADR 15).
   */
  public static PieceLayout forSize(long sizeBytes) {
    if (sizeBytes > LARGE_BLOB_BYTES) {
      return new PieceLayout(sizeBytes, 4 * MEBIBYTE);
    }
    long longest = Long.highestOneBit(sizeBytes / MIN_PIECES);
    return new PieceLayout(sizeBytes, Math.clamp(longest, CHUNK_BYTES, MEBIBYTE));
  }

  public int pieceCount() {
    return (int) Math.ceilDiv(sizeBytes, pieceBytes);
  }

  /** Where piece {@code index} begins in the blob. */
  public long offsetOf(int index) {
    return (long) check(index) * pieceBytes;
  }

  /** How long piece {@code index} is. */
  public int lengthOf(int index) {
    return (int) Math.min(pieceBytes, sizeBytes - offsetOf(index));
  }

  /** The piece that holds the byte at {@code offsetBytes}. */
  public int pieceAt(long offsetBytes) {
    if (offsetBytes < 0 || offsetBytes >= sizeBytes) {
      throw new IndexOutOfBoundsException(offsetBytes + " of " + sizeBytes + " bytes");
    }
    return (int) (offsetBytes / pieceBytes);
  }

  private int check(int index) {
    if (index < 0 || index >= pieceCount()) {
      throw new IndexOutOfBoundsException("piece " + index + " of " + pieceCount());
    }
    return index;
  }
}
