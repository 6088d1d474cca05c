package io.layercast.engine;

import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Which of a blob's pieces somebody has. Mutable, not thread-safe; {@link #copy} to hand it on. Its
 * bytes are those of a BITFIELD message (BEP 3): the high bit of the first byte is piece 0.
 */
public final class PieceSet {
  private final BitSet bits;
  private final int pieceCount;

  private PieceSet(BitSet bits, int pieceCount) {
    this.bits = bits;
    this.pieceCount = pieceCount;
  }

  public static PieceSet empty(int pieceCount) {
    return new PieceSet(new BitSet(pieceCount), pieceCount);
  }

  public static PieceSet full(int pieceCount) {
    PieceSet set = empty(pieceCount);
    set.bits.set(0, pieceCount);
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
        set.bits.set(i);
      }
    }
    return set;
  }

  public byte[] toBitfield() {
    byte[] bitfield = new byte[(pieceCount + 7) / 8];
    for (int i = bits.nextSetBit(0); i >= 0; i = bits.nextSetBit(i + 1)) {
      bitfield[i >> 3] |= (byte) (0x80 >> (i & 7));
    }
    return bitfield;
  }

  public boolean has(int index) {
    return bits.get(index);
  }

  /** Adds the piece; says whether it was new. */
  public boolean add(int index) {
    if (index < 0 || index >= pieceCount) {
      throw new IndexOutOfBoundsException("piece " + index + " of " + pieceCount);
    }
    boolean isNew = !bits.get(index);
    bits.set(index);
    return isNew;
  }

  public void remove(int index) {
    bits.clear(index);
  }

  public int count() {
    return bits.cardinality();
  }

  public int pieceCount() {
    return pieceCount;
  }

  public boolean isEmpty() {
    return bits.isEmpty();
  }

  public boolean isFull() {
    return count() == pieceCount;
  }

  /** The first piece at or after {@code from} that is not in the set, or {@code pieceCount}. */
  public int nextMissing(int from) {
    return Math.min(bits.nextClearBit(from), pieceCount);
  }

  /** The first piece at or after {@code from} that is in the set, or -1. */
  public int nextPresent(int from) {
    return bits.nextSetBit(from);
  }

  /** Whether {@code other} has a piece that this set lacks. */
  public boolean lacksAnyOf(PieceSet other) {
    for (int i = other.nextPresent(0); i >= 0; i = other.nextPresent(i + 1)) {
      if (!has(i)) {
        return true;
      }
    }
    return false;
  }

  public IntStream stream() {
    return bits.stream();
  }

  public PieceSet copy() {
    return new PieceSet((BitSet) bits.clone(), pieceCount);
  }

  @Override
  public String toString() {
    return count() + "/" + pieceCount;
  }
}
