package io.layercast.engine.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/** Reads and writes at an offset that do all of what was asked. */
final class PositionalIo {
  private PositionalIo() {}

  /** Writes what is between position and limit. */
  static void write(FileChannel channel, ByteBuffer bytes, long offset) throws IOException {
    long at = offset;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /** Fills what is between position and limit as far as the file goes. */
  static void readUpTo(FileChannel channel, ByteBuffer target, long offset) throws IOException {
    long at = offset;
    while (target.hasRemaining()) {
      int count = channel.read(target, at);
      if (count < 0) {
        return;
      }
      at += count;
    }
  }

  /**
   * Fills what is between position and limit.
   *
   * @throws EOFException when the file ends before
   */
  static void read(FileChannel channel, ByteBuffer target, long offset) throws IOException {
    readUpTo(channel, target, offset);
    if (target.hasRemaining()) {
      throw new EOFException("the file ends early");
    }
  }

  /**
   * Hands bytes of a file to a channel that does not block.
   *
   * @return how many it took
   * @throws EOFException when the file ends before
   */
  static int send(FileChannel channel, long offset, int length, WritableByteChannel target)
      throws IOException {
    int sent = (int) channel.transferTo(offset, length, target);
    if (sent == 0 && channel.size() < offset + length) {
      throw new EOFException("the file ends early");
    }
    return sent;
  }
}
