package io.layercast.swarm;

import io.layercast.engine.PieceBuffer;
import io.layercast.engine.PieceBuffers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What one connection has of the node's memory for blocks between the disk and the socket.
 * Thread-safe. Closed by the stage at the socket when it stops, as nobody sends after that: then
 * all of it goes back, wherever in the connection's streams it was, and what is in use once that is
 * over.
 */
final class SendMemory implements AutoCloseable {
  private final PieceBuffers pool;
  private final Set<Block> lent = new HashSet<>(); // guarded by this, as all below
  private boolean closed;

  SendMemory(PieceBuffers pool) {
    this.pool = pool;
  }

  /** Memory for {@code bytes}; empty when the node has lent all it may, or this is closed. */
  synchronized Optional<Block> tryTake(int bytes) {
    if (closed) {
      return Optional.empty();
    }
    Optional<Block> taken = pool.tryTake(bytes).map(buffer -> new Block(buffer));
    taken.ifPresent(lent::add);
    return taken;
  }

  @Override
  public synchronized void close() {
    closed = true;
    Set.copyOf(lent).forEach(Block::free);
  }

  /** Something that is done with memory. */
  @FunctionalInterface
  interface Use<T> {
    T of(ByteBuffer memory) throws IOException;
  }

  /** Memory for blocks that are read in one go. */
  final class Block {
    private final PieceBuffer buffer;
    private boolean isInUse;
    private boolean isUnwanted;

    private Block(PieceBuffer buffer) {
      this.buffer = buffer;
    }

    /**
     * Has it used by the calling thread; who frees it meanwhile does so when that is over.
     *
     * @return what the use returned; empty when the connection has ended
     */
    <T> Optional<T> use(Use<T> use) throws IOException {
      synchronized (SendMemory.this) {
        if (!lent.contains(this)) {
          return Optional.empty();
        }
        isInUse = true;
      }
      try {
        return Optional.of(use.of(buffer.bytes()));
      } finally {
        endUse();
      }
    }

    private void endUse() {
      synchronized (SendMemory.this) {
        isInUse = false;
        if (isUnwanted) {
          free();
        }
      }
    }

    /** Gives it back. Idempotent. */
    void free() {
      synchronized (SendMemory.this) {
        if (isInUse) {
          isUnwanted = true;
        } else if (lent.remove(this)) {
          buffer.release();
        }
      }
    }
  }
}
