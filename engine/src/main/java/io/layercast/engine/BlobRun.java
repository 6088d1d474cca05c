package io.layercast.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Bytes of a blob that follow one another and were all here when the run began. Taken from the disk
 * by one thread at a time, on the disk dispatcher, a chunk at a time; whoever takes them {@link
 * #end ends} the run, at its end or where a piece turns out lost.
 */
final class BlobRun {
  /** Two checksum units: measured best between 128 and 512 KiB. */
  private static final int CHUNK_BYTES = 2 * PieceLayout.CHUNK_BYTES;

  /**
   * How a run ended.
   *
   * @param at offset in the blob of the first byte that was not taken
   * @param cause what was wrong with that one, if something was
   */
  record Ended(long at, Optional<IOException> cause) {}

  private final LiveBlob blob;
  private final Consumer<Ended> ended;
  private long at;
  private long end;

  BlobRun(LiveBlob blob, long from, long end, Consumer<Ended> ended) {
    this.blob = blob;
    this.at = from;
    this.end = end;
    this.ended = ended;
  }

  /** How many bytes are left. */
  long lengthBytes() {
    return end - at;
  }

  /** Makes it no longer than that; before anything is taken. */
  void cutTo(long bytes) {
    end = Math.min(end, at + bytes);
  }

  /**
   * The next chunk.
   *
   * @throws IOException when its piece is lost
   */
  byte[] next() throws IOException {
    byte[] chunk = new byte[nextLength()];
    blob.read(piece(), begin(), ByteBuffer.wrap(chunk));
    at += chunk.length;
    return chunk;
  }

  /**
   * Hands to a channel that does not block what it takes.
   *
   * @return whether that was all of the run
   * @throws PieceLostException when the next piece is lost
   * @throws IOException when the channel is broken
   */
  boolean send(WritableByteChannel target) throws IOException {
    while (at < end) {
      int length = nextLength();
      int taken = blob.send(piece(), begin(), length, target);
      at += taken;
      if (taken < length) {
        return false;
      }
    }
    return true;
  }

  /** Nothing more of it is taken: all was, or {@code cause} is in the way. */
  void end(Optional<IOException> cause) {
    ended.accept(new Ended(at, cause));
  }

  private int piece() {
    return blob.layout().pieceAt(at);
  }

  private int begin() {
    return (int) (at - blob.layout().offsetOf(piece()));
  }

  private int nextLength() {
    int begin = begin();
    int toPieceEnd = blob.layout().lengthOf(piece()) - begin;
    int aligned = CHUNK_BYTES - begin % PieceLayout.CHUNK_BYTES;
    return (int) Math.min(Math.min(aligned, toPieceEnd), end - at);
  }
}
