package io.layercast.swarm;

import akka.stream.Attributes;
import akka.stream.FlowShape;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.stage.AbstractInHandler;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import io.layercast.swarm.wire.FrameReader;
import io.layercast.swarm.wire.Incoming;
import io.layercast.swarm.wire.WireException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * {@link FrameReader} as a stage. Emits each thing as soon as it is whole (parts of a block as they
 * come, without a copy: upstream leaves them alone until it is pulled again). Backpressures while
 * what it took is not used up. Completes with upstream, in the middle of a frame too; fails with
 * {@link WireException} when the peer breaks the protocol.
 */
final class FrameDecoder extends GraphStage<FlowShape<ByteBuffer, Incoming>> {
  private final int maxBlockBytes;
  private final Arrivals arrivals;
  private final Inlet<ByteBuffer> in = Inlet.create("frames.in");
  private final Outlet<Incoming> out = Outlet.create("frames.out");
  private final FlowShape<ByteBuffer, Incoming> shape = FlowShape.of(in, out);

  FrameDecoder(int maxBlockBytes, Arrivals arrivals) {
    this.maxBlockBytes = maxBlockBytes;
    this.arrivals = arrivals;
  }

  @Override
  public FlowShape<ByteBuffer, Incoming> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    FrameReader reader = new FrameReader(maxBlockBytes);
    return new GraphStageLogic(shape) {
      {
        setHandler(
            in,
            new AbstractInHandler() {
              @Override
              public void onPush() {
                arrivals.arrived(System.nanoTime());
                reader.offer(grab(in));
                emitNext();
              }

              @Override
              public void onUpstreamFinish() {
                // What was taken is still asked for; nothing more comes after it.
                if (isAvailable(out)) {
                  completeStage();
                }
              }
            });
        setHandler(
            out,
            new AbstractOutHandler() {
              @Override
              public void onPull() {
                emitNext();
              }
            });
      }

      private void emitNext() {
        @Nullable Incoming next;
        try {
          next = reader.next();
        } catch (WireException e) {
          failStage(e);
          return;
        }
        if (next != null) {
          push(out, next);
        } else if (isClosed(in)) {
          completeStage();
        } else {
          arrivals.listen(System.nanoTime());
          pull(in);
        }
      }
    };
  }
}
