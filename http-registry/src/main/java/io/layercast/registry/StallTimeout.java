package io.layercast.registry;

import akka.stream.Attributes;
import akka.stream.FlowShape;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.stage.AbstractInOutHandler;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.stream.stage.TimerGraphStageLogic;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * Fails when its upstream, asked for an element, gives none for a time. A slow downstream is never
 * held against the upstream, as {@code idleTimeout} would.
 *
 * <p>Emits, backpressures and completes as its upstream and downstream do; fails with a {@link
 * TimeoutException} after between one and one and a quarter timeouts.
 */
final class StallTimeout<T> extends GraphStage<FlowShape<T, T>> {
  private final Inlet<T> in = Inlet.create("StallTimeout.in");
  private final Outlet<T> out = Outlet.create("StallTimeout.out");
  private final FlowShape<T, T> shape = FlowShape.of(in, out);
  private final Duration timeout;
  private final String who;

  /**
   * @param who is named in the failure as the one who sent nothing
   */
  StallTimeout(Duration timeout, String who) {
    this.timeout = timeout;
    this.who = who;
  }

  @Override
  public FlowShape<T, T> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return new TimerGraphStageLogic(shape) {
      private boolean waiting;
      private long askedNanos;

      {
        setHandlers(
            in,
            out,
            new AbstractInOutHandler() {
              @Override
              public void onPush() {
                waiting = false;
                push(out, grab(in));
              }

              @Override
              public void onPull() {
                waiting = true;
                askedNanos = System.nanoTime();
                pull(in);
              }
            });
      }

      @Override
      public void preStart() {
        Duration tick = timeout.dividedBy(4);
        scheduleWithFixedDelay("tick", tick, tick);
      }

      @Override
      public void onTimer(Object key) {
        if (waiting && System.nanoTime() - askedNanos >= timeout.toNanos()) {
          failStage(new TimeoutException("%s sent nothing for %s".formatted(who, timeout)));
        }
      }
    };
  }
}
