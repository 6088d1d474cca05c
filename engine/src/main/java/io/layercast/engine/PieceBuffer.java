package io.layercast.engine;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Direct memory for one piece, lent by {@link PieceBuffers}. Whoever took it owns it and must
 * {@link #release} it once, on whatever thread; no view of it may be used after that.
 */
public final class PieceBuffer {
  private final PieceBuffers pool;
  private final PieceBuffers.Memory memory;
  private final ByteBuffer bytes;
  private final AtomicBoolean released = new AtomicBoolean();

  PieceBuffer(PieceBuffers pool, PieceBuffers.Memory memory, int length) {
    this.pool = pool;
    this.memory = memory;
    this.bytes = memory.bytes().slice(0, length);
  }

  /**
   * A fresh view of the memory: position 0, limit the length that was asked for, big-endian. What
   * it holds at first is undefined.
   *
   * @throws IllegalStateException after {@link #release}
   */
  public ByteBuffer bytes() {
    if (released.get()) {
      throw new IllegalStateException("the piece buffer was released");
    }
    return bytes.duplicate();
  }

  /** Gives the memory back. Idempotent. */
  public void release() {
    if (released.compareAndSet(false, true)) {
      pool.giveBack(memory);
    }
  }
}
