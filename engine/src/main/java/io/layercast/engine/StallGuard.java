package io.layercast.engine;

import akka.stream.Attributes;
import akka.stream.FlowShape;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.stage.AbstractInOutHandler;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.stream.stage.TimerGraphStageLogic;
import akka.util.ByteString;
import java.io.IOException;
import java.time.Duration;

/**
 * Passes bytes on and fails when upstream was waited for {@code deadline} in all and sent fewer
 * than {@code leastBytes} meanwhile: one that drips is as good as silent. Time under backpressure
 * does not count, so a slow reader or a rate limit is no stall (Akka's {@code idleTimeout} takes
 * both for one). Emits, backpressures and completes as upstream does.
 */
final class StallGuard extends GraphStage<FlowShape<ByteString, ByteString>> {
  private static final int CHECKS_PER_DEADLINE = 4;

  private final Duration deadline;
  private final long leastBytes;
  private final Inlet<ByteString> in = Inlet.create("StallGuard.in");
  private final Outlet<ByteString> out = Outlet.create("StallGuard.out");
  private final FlowShape<ByteString, ByteString> shape = FlowShape.of(in, out);

  StallGuard(Duration deadline, long leastBytes) {
    this.deadline = deadline;
    this.leastBytes = leastBytes;
  }

  @Override
  public FlowShape<ByteString, ByteString> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return new Logic();
  }

  private final class Logic extends TimerGraphStageLogic {
    private long askedAtNanos;
    private long waitedNanos;
    private long bytes;

    private Logic() {
      super(shape);
      setHandlers(
          in,
          out,
          new AbstractInOutHandler() {
            @Override
            public void onPush() {
              ByteString chunk = grab(in);
              waitedNanos += System.nanoTime() - askedAtNanos;
              bytes += chunk.size();
              if (bytes >= leastBytes) {
                waitedNanos = 0;
                bytes = 0;
              }
              push(out, chunk);
            }

            @Override
            public void onPull() {
              askedAtNanos = System.nanoTime();
              pull(in);
            }
          });
    }

    @Override
    public void preStart() {
      Duration interval = deadline.dividedBy(CHECKS_PER_DEADLINE);
      scheduleWithFixedDelay("check", interval, interval);
    }

    @Override
    public void onTimer(Object key) {
      if (hasBeenPulled(in)
          && waitedNanos + System.nanoTime() - askedAtNanos > deadline.toNanos()) {
        failStage(new IOException("only %d bytes came in %s".formatted(bytes, deadline)));
      }
    }
  }
}
