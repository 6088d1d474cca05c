package io.layercast.engine;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which of a blob's pieces somebody has. Mutable, not thread-safe; {@link #copy} to hand it on. Its
 * bytes are those of a BITFIELD message (BEP 3): the high bit of the first byte is piece 0.
 */
public final class PieceSet {
  /** Piece {@code i} is bit {@code i % 64} of word {@code i / 64}; bits beyond the last are 0. */
  private final long[] words;

  private final int pieceCount;

  private PieceSet(long[] words, int pieceCount) {
    this.words = words;
    this.pieceCount = pieceCount;
  }

  public static PieceSet empty(int pieceCount) {
    return new PieceSet(new long[Math.ceilDiv(pieceCount, 64)], pieceCount);
  }

  public static PieceSet full(int pieceCount) {
    PieceSet set = empty(pieceCount);
    Arrays.fill(set.words, -1L);
    if (pieceCount % 64 != 0) {
      set.words[set.words.length - 1] = -1L >>> -pieceCount;
    }
    return set;
  }

  /**
   * The set a BITFIELD's payload says.
   *
   * @throws IllegalArgumentException when its length is wrong or a spare bit is set
   */
  public static PieceSet ofBitfield(byte[] bitfield, int pieceCount) {
    if (bitfield.length != (pieceCount + 7) / 8) {
      throw new IllegalArgumentException(
          "a bitfield of %d bytes for %d pieces".formatted(bitfield.length, pieceCount));
    }
    PieceSet set = empty(pieceCount);
    for (int i = 0; i < bitfield.length * 8; i++) {
      if ((bitfield[i >> 3] & (0x80 >> (i & 7))) != 0) {
        if (i >= pieceCount) {
          throw new IllegalArgumentException("spare bit " + i + " is set");
        }
        set.words[i >> 6] |= 1L << i;
      }
    }
    return set;
  }

  public byte[] toBitfield() {
    byte[] bitfield = new byte[(pieceCount + 7) / 8];
    for (int i = nextPresent(0); i >= 0; i = nextPresent(i + 1)) {
      bitfield[i >> 3] |= (byte) (0x80 >> (i & 7));
    }
    return bitfield;
  }

  public boolean has(int index) {
    return index < pieceCount && (words[index >> 6] & (1L << index)) != 0;
  }

  /** Adds the piece; says whether it was new. */
  public boolean add(int index) {
    if (index < 0 || index >= pieceCount) {
      throw new IndexOutOfBoundsException("piece " + index + " of " + pieceCount);
    }
    long before = words[index >> 6];
    long after = before | (1L << index);
    words[index >> 6] = after;
    return after != before;
  }

  public void remove(int index) {
    if (has(index)) {
      words[index >> 6] &= ~(1L << index);
    }
  }

  public int count() {
    int count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    return count;
  }

  public int pieceCount() {
    return pieceCount;
  }

  public boolean isEmpty() {
    return nextPresent(0) < 0;
  }

  public boolean isFull() {
    return count() == pieceCount;
  }

  /** The first piece at or after {@code from} that is not in the set, or {@code pieceCount}. */
  public int nextMissing(int from) {
    int piece = from;
    while (piece < pieceCount) {
      long missing = ~words[piece >> 6] >>> piece;
      if (missing != 0) {
        return Math.min(piece + Long.numberOfTrailingZeros(missing), pieceCount);
      }
      piece = (piece | 63) + 1;
    }
    return pieceCount;
  }

  /** The first piece at or after {@code from} that is in the set, or -1. */
  public int nextPresent(int from) {
    int piece = from;
    while (piece < pieceCount) {
      long present = words[piece >> 6] >>> piece;
      if (present != 0) {
        return piece + Long.numberOfTrailingZeros(present);
      }
      piece = (piece | 63) + 1;
    }
    return -1;
  }

  /** Whether {@code other} has a piece that this set lacks. */
  public boolean lacksAnyOf(PieceSet other) {
    for (int i = 0; i < other.words.length; i++) {
      if ((other.words[i] & ~(i < words.length ? words[i] : 0)) != 0) {
        return true;
      }
    }
    return false;
  }

  public IntStream stream() {
    return IntStream.iterate(nextPresent(0), piece -> piece >= 0, piece -> nextPresent(piece + 1));
  }

  public PieceSet copy() {
    return new PieceSet(words.clone(), pieceCount);
  }

  @Override
  public String toString() {
    return count() + "/" + pieceCount;
  }
}
