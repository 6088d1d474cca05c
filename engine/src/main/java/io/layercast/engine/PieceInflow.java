package io.layercast.engine;

import akka.Done;
import akka.NotUsed;
import akka.stream.KillSwitches;
import akka.stream.Materializer;
import akka.stream.UniqueKillSwitch;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.layercast.engine.rate.RateLimiter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Brings HTTP bodies in as pieces: stall deadline, download rate, pooled buffers, then hashed and
 * stored on the disk dispatcher, a few at once; beyond that the remote socket is not read.
 */
public final class PieceInflow {
  /** Pieces of one body between socket and disk; more only buys memory. */
  private static final int PIECES_IN_FLIGHT = 2;

  private final PieceBuffers buffers;
  private final RateLimiter download;
  private final Executor disk;
  private final Materializer materializer;

  /**
   * @param disk the disk dispatcher
   */
  public PieceInflow(
      PieceBuffers buffers, RateLimiter download, Executor disk, Materializer materializer) {
    this.buffers = buffers;
    this.download = download;
    this.disk = disk;
    this.materializer = materializer;
  }

  /** Hashes and stores; blocks. */
  @FunctionalInterface
  interface PieceStore {
    SharedBlob.Stored store(int piece, ByteBuffer bytes);
  }

  /** What came is not what the piece is known to hash to. */
  static final class WrongPieceException extends IOException {
    private WrongPieceException(int piece) {
      super("piece " + piece + " is not what it was known to be");
    }
  }

  /** A body that is being brought in. {@code done} fails when it ends before its promise. */
  record Running(CompletionStage<Done> done, UniqueKillSwitch kill) {}

  /**
   * Runs {@code body}, whose first byte is the blob's at {@code from}, until {@code endPiece}, its
   * own end or the first piece that cannot be stored. Pieces the blob has are passed over.
   */
  Running run(
      Source<ByteString, NotUsed> body,
      LiveBlob blob,
      long from,
      int endPiece,
      StallGuard guard,
      PieceStore store) {
    var running =
        body.viaMat(KillSwitches.single(), Keep.right())
            .via(guard)
            .via(download.limit(ByteString::size))
            .via(new PieceCollector(blob.layout(), from, endPiece, blob::has, buffers))
            .mapAsyncUnordered(PIECES_IN_FLIGHT, filled -> storeOnDisk(filled, store))
            .toMat(Sink.ignore(), Keep.both())
            .run(materializer);
    return new Running(running.second(), running.first());
  }

  private CompletionStage<Done> storeOnDisk(PieceCollector.Filled filled, PieceStore store) {
    CompletableFuture<Done> result = new CompletableFuture<>();
    disk.execute(() -> {
      try {
        SharedBlob.Stored stored = store.store(filled.piece(), filled.bytes());
        switch (stored) {
          case STORED, DUPLICATE -> result.complete(Done.getInstance());
          case WRONG_HASH -> result.completeExceptionally(new WrongPieceException(filled.piece()));
          case NOT_STORED ->
              result.completeExceptionally(
                  new IOException("piece " + filled.piece() + " could not be stored"));
        }
      } catch (RuntimeException e) {
        result.completeExceptionally(e);
      } finally {
        filled.buffer().release();
      }
    });
    return result;
  }
}
