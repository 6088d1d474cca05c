package io.layercast.engine;

import akka.stream.Attributes;
import akka.stream.Outlet;
import akka.stream.SourceShape;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.AsyncCallback;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import org.jspecify.annotations.Nullable;

/**
 * A blob's bytes in order, as runs of what is here. Emits as soon as the next piece is stored (the
 * blob's last piece: as soon as the blob is sealed) and the run before has ended; a run that ended
 * early, at a piece that was lost, is followed by one that begins there. Completes when the last
 * run has ended, fails on rejection, on a piece that is missing while the disk refuses writes or
 * that it loses ever and again, and when interrupted.
 */
final class LiveBlobRuns extends GraphStage<SourceShape<BlobRun>> {
  /** One range of an ingest; more would hold back news of a lost piece for no gain. */
  private static final int RUN_BYTES = DirectRuns.LONGEST_BYTES;

  /** A disk that loses what one reader is at this often is not going to serve it. */
  private static final int LOSSES_MAX = 3;

  private final LiveBlob blob;
  private final long from;
  private final long end;
  private final Outlet<BlobRun> out = Outlet.create("LiveBlobRuns.out");
  private final SourceShape<BlobRun> shape = SourceShape.of(out);

  LiveBlobRuns(LiveBlob blob, long from, long end) {
    this.blob = blob;
    this.from = from;
    this.end = end;
  }

  @Override
  public SourceShape<BlobRun> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return new Logic();
  }

  private final class Logic extends GraphStageLogic {
    private final WakeUp wake;
    private final AsyncCallback<Exception> interrupted = createAsyncCallback(this::failStage);
    private final AsyncCallback<BlobRun.Ended> ended = createAsyncCallback(this::onEnded);
    private SharedBlob.Subscription subscription = () -> {};
    private LiveBlob.@Nullable Reader reader;
    private boolean isRunning;
    private int losses;

    /** Where the next run begins. */
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
      } else if (isRunning) {
        return;
      } else if (position == end) {
        // An empty blob has no last piece to hold back: its end is what waits for the seal.
        if (blob.layout().sizeBytes() > 0 || blob.state() == SharedBlob.State.SEALED) {
          completeStage();
        }
      } else {
        runFrom(blob.layout().pieceAt(position));
      }
    }

    private void runFrom(int piece) {
      if (reader != null) {
        reader.moveTo(piece);
      }
      if (isAvailable(out) && mayGo(piece)) {
        isRunning = true;
        push(out, new BlobRun(blob, position, endOfRun(piece), ended::invoke));
      } else if (!blob.has(piece)) {
        blob.writeFailure()
            .ifPresent(failure -> failStage(new BlobUnstorableException(blob.digest(), failure)));
      }
    }

    private boolean mayGo(int piece) {
      return blob.has(piece)
          && (piece < blob.layout().pieceCount() - 1 || blob.state() == SharedBlob.State.SEALED);
    }

    private long endOfRun(int piece) {
      long longest = Math.min(end, position + RUN_BYTES);
      int last = piece;
      while (endOf(last) < longest && mayGo(last + 1)) {
        last++;
      }
      return Math.min(endOf(last), longest);
    }

    private long endOf(int piece) {
      return blob.layout().offsetOf(piece) + blob.layout().lengthOf(piece);
    }

    private void onEnded(BlobRun.Ended run) {
      isRunning = false;
      // Each of many damaged pieces is lost once and comes again.
      losses = run.at() > position || run.cause().isEmpty() ? 0 : losses;
      position = run.at();
      if (run.cause().isPresent() && ++losses > LOSSES_MAX) {
        failStage(new BlobUnstorableException(blob.digest(), run.cause().get()));
      } else {
        advance();
      }
    }
  }
}
