package io.layercast.engine;

import akka.stream.Attributes;
import akka.stream.Outlet;
import akka.stream.SourceShape;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.AsyncCallback;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;

/**
 * A blob's news by a cursor into its log. Emits when an entry beyond the cursor is known;
 * backpressure leaves the cursor where it is; completes after the verdict; fails when the blob
 * interrupts its streams. A rejection does not wait for the entries before it.
 */
final class LiveBlobNews extends GraphStage<SourceShape<LayerNews>> {
  private final LiveBlob blob;
  private final Outlet<LayerNews> out = Outlet.create("LiveBlobNews.out");
  private final SourceShape<LayerNews> shape = SourceShape.of(out);

  LiveBlobNews(LiveBlob blob) {
    this.blob = blob;
  }

  @Override
  public SourceShape<LayerNews> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return new Logic();
  }

  private final class Logic extends GraphStageLogic {
    private final WakeUp wake;
    private final AsyncCallback<Exception> interrupted = createAsyncCallback(this::failStage);
    private SharedBlob.Subscription subscription = () -> {};
    private int cursor;

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
                public void onExpected(int piece) {
                  wake.ring();
                }

                @Override
                public void onState(SharedBlob.State state) {
                  wake.ring();
                }
              },
              interrupted::invoke);
    }

    @Override
    public void postStop() {
      subscription.close();
    }

    private void advance() {
      if (!isAvailable(out)) {
        return;
      }
      SharedBlob.State state = blob.state(); // before the count: all entries precede the seal
      if (state == SharedBlob.State.REJECTED) {
        push(out, new LayerNews.Rejected(blob.generation(), blob.cause()));
        completeStage();
      } else if (cursor < blob.knownCount()) {
        push(out, blob.knownAt(cursor++));
      } else if (state == SharedBlob.State.SEALED) {
        push(out, new LayerNews.Sealed(blob.generation()));
        completeStage();
      }
    }
  }
}
