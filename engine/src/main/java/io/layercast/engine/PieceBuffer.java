package io.layercast.engine;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Direct memory for one piece, lent by {@link PieceBuffers}. Whoever took it owns it and must
 * {@link #release} it once, on whatever thread; no view of it may be used after that.
 */
public final class PieceBuffer {
  private final PieceBuffers pool;
  private final int usedBytes;
  private final int lentBytes;
  private PieceBuffers.@Nullable Memory memory;
  private boolean released;

  /**
   * @param usedBytes what was asked for
   * @param lentBytes what its memory has
   */
  PieceBuffer(PieceBuffers pool, int usedBytes, int lentBytes) {
    this.pool = pool;
    this.usedBytes = usedBytes;
    this.lentBytes = lentBytes;
  }

  /**
   * A fresh view of the memory: position 0, limit the length that was asked for, big-endian. What
   * it holds at first is undefined.
   *
   * @throws IllegalStateException after {@link #release}
   */
  public synchronized ByteBuffer bytes() {
    if (released) {
      throw new IllegalStateException("the piece buffer was released");
    }
    if (memory == null) {
      memory = pool.memory(lentBytes);
    }
    return memory.bytes().slice(0, usedBytes);
  }

  /** Gives the memory back. Idempotent. */
  public void release() {
    PieceBuffers.@Nullable Memory back;
    synchronized (this) {
      if (released) {
        return;
      }
      released = true;
      back = memory;
    }
    pool.giveBack(lentBytes, back);
  }
}
