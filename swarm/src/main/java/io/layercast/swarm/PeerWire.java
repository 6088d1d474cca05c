package io.layercast.swarm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * What a connection's bytes pass on their way to and from a socket that does not block. One thread
 * may read while another writes, and a third closes.
 */
interface PeerWire {
  /**
   * Does what can be done now to agree with the other side on how to speak; until that is done
   * nothing else is asked of this.
   *
   * @return the operation of the socket to wait for, or 0 when it is done
   */
  int agree() throws IOException;

  /** Reads what is there into a buffer of a block's size; -1 when the other side has ended. */
  int read(ByteBuffer into) throws IOException;

  /**
   * Hands to the kernel what it takes.
   *
   * @return whether that was all of {@code bytes}
   */
  boolean write(ByteBuffer[] bytes) throws IOException;

  /** How many bytes the kernel has taken so far. While nobody writes. */
  long takenBytes();

  /** Ends it; the socket is the caller's to close. */
  void close();

  /** The bytes as they are. */
  static PeerWire plain(SocketChannel socket) {
    return new PeerWire() {
      private long taken;

      @Override
      public int agree() {
        return 0;
      }

      @Override
      public int read(ByteBuffer into) throws IOException {
        return socket.read(into);
      }

      @Override
      public boolean write(ByteBuffer[] bytes) throws IOException {
        taken += socket.write(bytes);
        return !bytes[bytes.length - 1].hasRemaining();
      }

      @Override
      public long takenBytes() {
        return taken;
      }

      @Override
      public void close() {}
    };
  }
}
