package io.layercast.engine;

import akka.Done;
import akka.stream.FlowShape;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.stage.AbstractInHandler;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.AsyncCallback;
import akka.stream.stage.GraphStageLogic;
import akka.util.ByteString;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Puts a stand-in for each run into the stream. What a stand-in still lacks when its run has ended,
 * as a piece was lost, the next run brings.
 */
final class RunAnnouncer extends GraphStageLogic {
  private final Inlet<BlobRun> in;
  private final Outlet<ByteString> out;
  private final DirectRuns runs;
  private final AsyncCallback<Done> more = createAsyncCallback(_ -> pullOnce());
  private @Nullable StandIn standIn;

  RunAnnouncer(FlowShape<BlobRun, ByteString> shape, DirectRuns runs) {
    super(shape);
    this.in = shape.in();
    this.out = shape.out();
    this.runs = runs;
    setHandler(
        in,
        new AbstractInHandler() {
          @Override
          public void onPush() {
            announce(grab(in));
          }

          @Override
          public void onUpstreamFailure(Throwable cause) {
            // Nobody can go on behind a stand-in that was not sent.
            boolean isUnsent = standIn != null && standIn.leftBytes() > 0;
            failStage(isUnsent ? new IOException(cause) : cause);
          }
        });
    setHandler(
        out,
        new AbstractOutHandler() {
          @Override
          public void onPull() {
            pullOnce();
          }
        });
  }

  private void announce(BlobRun run) {
    StandIn last = standIn;
    if (last != null && last.leftBytes() > 0) {
      last.give(run);
      if (isAvailable(out)) {
        pullOnce();
      }
      return;
    }
    StandIn next = runs.announce(run, () -> more.invoke(Done.getInstance()));
    standIn = next;
    push(out, next.element());
  }

  @Override
  public void postStop() {
    if (standIn != null) {
      standIn.abandon();
    }
  }

  private void pullOnce() {
    if (!isClosed(in) && !hasBeenPulled(in)) {
      pull(in);
    }
  }
}
