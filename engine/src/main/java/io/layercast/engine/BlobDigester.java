package io.layercast.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Hashes a whole blob in order while its pieces come in any order. The piece that comes next is
 * hashed from memory by the thread that stored it; others are read again, most likely from the page
 * cache, on the disk dispatcher.
 */
final class BlobDigester {
  /** How many pieces one turn on the disk dispatcher reads before it lets others run. */
  private static final int PIECES_A_TURN = 8;

  private static final int READ_BYTES = PieceLayout.CHUNK_BYTES;

  private final LiveBlob blob;
  private final Executor disk;
  private final CompletableFuture<Digest> result = new CompletableFuture<>();

  /** Held by the one thread that hashes; guards the hasher and moves {@link #next}. */
  private final AtomicBoolean busy = new AtomicBoolean();

  private MessageDigest hasher;
  private volatile int next;

  BlobDigester(LiveBlob blob, Executor disk) {
    this.blob = blob;
    this.disk = disk;
    this.hasher = blob.digest().algorithm().hasher();
  }

  CompletionStage<Digest> result() {
    return result;
  }

  void cancel() {
    result.completeExceptionally(new CancellationException("the blob has ended"));
  }

  /** The piece was stored and its bytes are still at hand. Blocks for the hash at most. */
  void offer(int piece, ByteBuffer bytes) {
    if (piece == next && busy.compareAndSet(false, true)) {
      try {
        if (piece == next) {
          hasher.update(bytes.duplicate());
          next = piece + 1;
        }
      } finally {
        busy.set(false);
      }
    }
    proceed();
  }

  /** Goes on with what is stored, if anybody is not at it already. */
  void proceed() {
    if (canProceed() && busy.compareAndSet(false, true)) {
      disk.execute(this::turn);
    }
  }

  private boolean canProceed() {
    return !result.isDone() && (isThrough() || blob.has(next));
  }

  private boolean isThrough() {
    return next == blob.layout().pieceCount();
  }

  private void turn() {
    try {
      ByteBuffer chunk = ByteBuffer.allocate(isThrough() ? 0 : READ_BYTES);
      for (int i = 0; i < PIECES_A_TURN && !isThrough() && blob.has(next); i++) {
        readNext(chunk);
      }
      if (isThrough() && !result.isDone()) {
        result.complete(Digest.ofHash(blob.digest().algorithm(), hasher.digest()));
      }
    } catch (IOException _) {
      // The blob has dropped the piece: it comes again and is offered then.
    } catch (CloneNotSupportedException | RuntimeException e) {
      result.completeExceptionally(e);
    } finally {
      busy.set(false);
    }
    proceed(); // what came while busy was set
  }

  private void readNext(ByteBuffer chunk) throws IOException, CloneNotSupportedException {
    int piece = next;
    int length = blob.layout().lengthOf(piece);
    MessageDigest ahead = (MessageDigest) hasher.clone(); // a damaged piece leaves no trace
    for (int begin = 0; begin < length; begin += READ_BYTES) {
      chunk.clear().limit(Math.min(READ_BYTES, length - begin));
      blob.read(piece, begin, chunk);
      ahead.update(chunk);
    }
    hasher = ahead;
    next = piece + 1;
  }
}
