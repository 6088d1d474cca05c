package io.layercast.engine;

import akka.stream.FlowShape;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.stage.AbstractInHandler;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.AsyncCallback;
import akka.stream.stage.GraphStageLogic;
import akka.util.ByteString;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Reads runs into the stream, in chunks of up to 256 KiB: one chunk ahead on the disk dispatcher
 * while the last one is on its way; under backpressure holds that one chunk.
 */
final class RunReader extends GraphStageLogic {
  private final Inlet<BlobRun> in;
  private final Outlet<ByteString> out;
  private final Executor disk;
  private final AsyncCallback<byte[]> chunkRead = createAsyncCallback(this::onChunk);
  private final AsyncCallback<IOException> chunkLost =
      createAsyncCallback(cause -> end(Optional.of(cause)));
  private @Nullable BlobRun run;
  private byte @Nullable [] ready;
  private boolean isReading;

  RunReader(FlowShape<BlobRun, ByteString> shape, Executor disk) {
    super(shape);
    this.in = shape.in();
    this.out = shape.out();
    this.disk = disk;
    setHandler(
        in,
        new AbstractInHandler() {
          @Override
          public void onPush() {
            run = grab(in);
            advance();
          }

          @Override
          public void onUpstreamFinish() {
            advance();
          }
        });
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
    pull(in);
  }

  private void advance() {
    if (ready != null && isAvailable(out)) {
      push(out, ByteString.fromArrayUnsafe(ready));
      ready = null;
    }
    BlobRun now = run;
    if (ready == null && now != null && !isReading) {
      isReading = true;
      disk.execute(() -> read(now));
    } else if (ready == null && now == null && isClosed(in)) {
      completeStage();
    }
  }

  /** On the disk dispatcher. */
  private void read(BlobRun now) {
    try {
      chunkRead.invoke(now.next());
    } catch (IOException e) {
      chunkLost.invoke(e);
    }
  }

  private void onChunk(byte[] chunk) {
    isReading = false;
    ready = chunk;
    if (run != null && run.lengthBytes() == 0) {
      end(Optional.empty());
    } else {
      advance();
    }
  }

  private void end(Optional<IOException> cause) {
    isReading = false;
    BlobRun over = run;
    run = null;
    if (over != null) {
      over.end(cause);
      tryPull(in);
    }
    advance();
  }
}
