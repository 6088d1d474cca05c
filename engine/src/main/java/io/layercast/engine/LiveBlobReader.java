package io.layercast.engine;

import akka.stream.Attributes;
import akka.stream.Outlet;
import akka.stream.SourceShape;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.AsyncCallback;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.util.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A blob's bytes in order. Emits chunks of up to 256 KiB as soon as their piece is stored (the
 * blob's last piece: as soon as the blob is sealed); reads one chunk ahead on the disk dispatcher
 * while the last one is on its way; under backpressure holds that one chunk. A chunk found damaged
 * makes it wait for the piece again. Completes at the end of its range, fails on rejection, on a
 * piece that is missing while the disk refuses writes, and when interrupted.
 */
final class LiveBlobReader extends GraphStage<SourceShape<ByteString>> {
  /** Two checksum units: measured best between 128 and 512 KiB. */
  private static final int CHUNK_BYTES = 2 * PieceLayout.CHUNK_BYTES;

  /** A disk that loses what one reader is at this often is not going to serve it. */
  private static final int LOSSES_MAX = 3;

  private final LiveBlob blob;
  private final Executor disk;
  private final long from;
  private final long end;
  private final Outlet<ByteString> out = Outlet.create("LiveBlobReader.out");
  private final SourceShape<ByteString> shape = SourceShape.of(out);

  LiveBlobReader(LiveBlob blob, Executor disk, long from, long end) {
    this.blob = blob;
    this.disk = disk;
    this.from = from;
    this.end = end;
  }

  @Override
  public SourceShape<ByteString> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return new Logic();
  }

  private final class Logic extends GraphStageLogic {
    private final WakeUp wake;
    private final AsyncCallback<Exception> interrupted = createAsyncCallback(this::failStage);
    private final AsyncCallback<byte[]> chunkRead = createAsyncCallback(this::onChunk);
    private final AsyncCallback<IOException> chunkLost = createAsyncCallback(this::onLost);
    private SharedBlob.Subscription subscription = () -> {};
    private LiveBlob.@Nullable Reader reader;
    private byte @Nullable [] ready;
    private boolean isReading;
    private int losses;

    /** Offset of the next byte to read; one chunk beyond what was emitted at most. */
    private long position = from;

    private Logic() {
      super(shape);
      wake =
          new WakeUp(
              createAsyncCallback(woken -> {
                woken.taken();
                advance();
              }));
      setHandler(
          out,
          new AbstractOutHandler() {
            @Override
            public void onPull() {
              advance();
            }
          });
    }

    @Override
    public void preStart() {
      subscription =
          blob.subscribe(
              new SharedBlob.Listener() {
                @Override
                public void onStored(int piece) {
                  wake.ring();
                }

                @Override
                public void onReaders() {
                  if (blob.writeFailure().isPresent()) {
                    wake.ring();
                  }
                }

                @Override
                public void onState(SharedBlob.State state) {
                  wake.ring();
                }
              },
              interrupted::invoke);
      if (from < end) {
        reader = blob.addReader(blob.layout().pieceAt(from));
      }
      advance();
    }

    @Override
    public void postStop() {
      subscription.close();
      if (reader != null) {
        reader.close();
      }
    }

    private void advance() {
      if (blob.state() == SharedBlob.State.REJECTED) {
        failStage(new BlobRejectedException(blob.digest(), blob.cause()));
        return;
      }
      if (ready != null && isAvailable(out)) {
        push(out, ByteString.fromArrayUnsafe(ready));
        ready = null;
      }
      if (ready == null && !isReading) {
        readNext();
      }
    }

    private void readNext() {
      if (position == end) {
        // An empty blob has no last piece to hold back: its end is what waits for the seal.
        if (blob.layout().sizeBytes() > 0 || blob.state() == SharedBlob.State.SEALED) {
          completeStage();
        }
        return;
      }
      int piece = blob.layout().pieceAt(position);
      if (reader != null) {
        reader.moveTo(piece);
      }
      if (!blob.has(piece)) {
        blob.writeFailure()
            .ifPresent(failure -> failStage(new BlobUnstorableException(blob.digest(), failure)));
      } else if (piece < blob.layout().pieceCount() - 1
          || blob.state() == SharedBlob.State.SEALED) {
        isReading = true;
        long at = position;
        disk.execute(() -> readChunk(piece, at));
      }
    }

    /** On the disk dispatcher. */
    private void readChunk(int piece, long at) {
      int begin = (int) (at - blob.layout().offsetOf(piece));
      int toPieceEnd = blob.layout().lengthOf(piece) - begin;
      int aligned = CHUNK_BYTES - begin % PieceLayout.CHUNK_BYTES;
      int length = (int) Math.min(Math.min(aligned, toPieceEnd), end - at);
      byte[] chunk = new byte[length];
      try {
        blob.read(piece, begin, ByteBuffer.wrap(chunk));
        chunkRead.invoke(chunk);
      } catch (IOException e) {
        chunkLost.invoke(e);
      }
    }

    private void onChunk(byte[] chunk) {
      isReading = false;
      losses = 0; // each of many damaged pieces is lost once and comes again
      position += chunk.length;
      ready = chunk;
      advance();
    }

    private void onLost(IOException cause) {
      isReading = false;
      losses++;
      if (losses > LOSSES_MAX) {
        failStage(cause);
      } else {
        advance();
      }
    }
  }
}
