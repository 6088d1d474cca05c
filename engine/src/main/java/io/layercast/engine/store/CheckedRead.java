package io.layercast.engine.store;

import static io.layercast.engine.PieceLayout.CHUNK_BYTES;

import io.layercast.engine.PieceLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.zip.CRC32C;

/**
 * Reads bytes of a piece and compares every chunk they touch with its checksum. Whole chunks go
 * straight into the target by one read; of a chunk that is wanted in part, all is read into scratch
 * memory. Thread-safe; one a store.
 */
final class CheckedRead {
  /** More disk threads than this may read parts of chunks at once; they then allocate. */
  private static final int SCRATCHES_KEPT = 8;

  private final ArrayBlockingQueue<ByteBuffer> scratches = new ArrayBlockingQueue<>(SCRATCHES_KEPT);

  /**
   * Fills {@code target}, whose position is 0, with a piece's bytes from {@code begin}; the caller
   * has checked the bounds.
   *
   * @throws DamagedException when the record is none, a file is too short or unreadable, or a
   *     checksum differs
   */
  void read(BlobFiles.Channels channels, BlobHead head, int piece, int begin, ByteBuffer target)
      throws IOException {
    byte[] proofRecord = record(channels, head, piece);
    PieceLayout layout = head.layout();
    int pieceLength = layout.lengthOf(piece);
    long pieceOffset = layout.offsetOf(piece);
    CRC32C crc = new CRC32C();
    int end = begin + target.limit();
    int at = begin;
    while (at < end) {
      int chunk = at / CHUNK_BYTES;
      int chunkBegin = chunk * CHUNK_BYTES;
      int chunkEnd = Math.min(chunkBegin + CHUNK_BYTES, pieceLength);
      if (at == chunkBegin && end >= chunkEnd) {
        // From here to the last chunk that is wanted whole.
        int wholeEnd = end == pieceLength ? end : end - end % CHUNK_BYTES;
        fill(channels, target.slice(at - begin, wholeEnd - at), pieceOffset + at);
        for (int from = at; from < wholeEnd; from += CHUNK_BYTES) {
          int chunkLength = Math.min(CHUNK_BYTES, wholeEnd - from);
          ByteBuffer bytes = target.slice(from - begin, chunkLength);
          check(crc, bytes, proofRecord, from / CHUNK_BYTES);
        }
        at = wholeEnd;
      } else {
        int stop = Math.min(end, chunkEnd);
        ByteBuffer scratch = takeScratch();
        ByteBuffer bytes = scratch.slice(0, chunkEnd - chunkBegin);
        fill(channels, bytes.duplicate(), pieceOffset + chunkBegin);
        check(crc, bytes.duplicate(), proofRecord, chunk);
        target.put(at - begin, bytes, at - chunkBegin, stop - at);
        scratches.offer(scratch);
        at = stop;
      }
    }
  }

  /**
   * Compares every chunk that {@code length} bytes from {@code begin} touch; the caller has checked
   * the bounds.
   *
   * @throws DamagedException as {@link #read}
   */
  void check(BlobFiles.Channels channels, BlobHead head, int piece, int begin, int length)
      throws IOException {
    byte[] proofRecord = record(channels, head, piece);
    int pieceLength = head.layout().lengthOf(piece);
    long pieceOffset = head.layout().offsetOf(piece);
    CRC32C crc = new CRC32C();
    ByteBuffer scratch = takeScratch();
    for (int chunk = begin / CHUNK_BYTES; chunk * CHUNK_BYTES < begin + length; chunk++) {
      int at = chunk * CHUNK_BYTES;
      ByteBuffer bytes = scratch.slice(0, Math.min(CHUNK_BYTES, pieceLength - at));
      fill(channels, bytes.duplicate(), pieceOffset + at);
      check(crc, bytes, proofRecord, chunk);
    }
    scratches.offer(scratch);
  }

  /** The bytes of a piece's record, which is one. */
  static byte[] record(BlobFiles.Channels channels, BlobHead head, int piece) throws IOException {
    byte[] proofRecord = new byte[PieceRecord.length(head.layout())];
    try {
      PositionalIo.read(
          channels.proofs(),
          ByteBuffer.wrap(proofRecord),
          PieceRecord.offset(head.layout(), piece));
    } catch (ClosedChannelException e) {
      throw e; // the disk is not to blame
    } catch (IOException e) {
      throw new DamagedException("the proof can not be read", e);
    }
    if (!PieceRecord.isRecord(proofRecord, 0, head, piece)) {
      throw new DamagedException("the proof does not match its checksum");
    }
    return proofRecord;
  }

  private static void fill(BlobFiles.Channels channels, ByteBuffer target, long offset)
      throws IOException {
    try {
      PositionalIo.read(channels.data(), target, offset);
    } catch (ClosedChannelException e) {
      throw e; // the disk is not to blame
    } catch (IOException e) {
      throw new DamagedException("the data can not be read", e);
    }
  }

  private static void check(CRC32C crc, ByteBuffer bytes, byte[] proofRecord, int chunk)
      throws DamagedException {
    crc.reset();
    crc.update(bytes);
    if ((int) crc.getValue() != PieceRecord.chunkChecksum(proofRecord, chunk)) {
      throw new DamagedException("chunk " + chunk + " does not match its checksum");
    }
  }

  private ByteBuffer takeScratch() {
    ByteBuffer scratch = scratches.poll();
    return scratch == null ? ByteBuffer.allocateDirect(CHUNK_BYTES) : scratch;
  }
}
