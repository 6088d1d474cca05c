package io.layercast.registry;

import akka.http.javadsl.model.HttpRequest;
import akka.stream.Attributes;
import akka.stream.FlowShape;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.stage.AbstractInHandler;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.stream.stage.TimerGraphStageLogic;
import java.time.Duration;

/**
 * Passes requests on. Completes, and so ends the connection, when none has come whole for so long
 * and none is being answered: its caller is gone, or sends a head byte by byte. Backpressures with
 * its downstream; fails with its upstream.
 */
final class RequestTimeout extends GraphStage<FlowShape<HttpRequest, HttpRequest>> {
  private static final String TIMER = "quiet";

  private final Inlet<HttpRequest> in = Inlet.create("RequestTimeout.in");
  private final Outlet<HttpRequest> out = Outlet.create("RequestTimeout.out");
  private final FlowShape<HttpRequest, HttpRequest> shape = FlowShape.of(in, out);
  private final RunningRequests running;
  private final Duration limit;

  /**
   * @param running of this connection
   */
  RequestTimeout(RunningRequests running, Duration limit) {
    this.running = running;
    this.limit = limit;
  }

  @Override
  public FlowShape<HttpRequest, HttpRequest> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return new TimerGraphStageLogic(shape) {
      {
        setHandler(
            in,
            new AbstractInHandler() {
              @Override
              public void onPush() {
                push(out, grab(in));
              }
            });
        setHandler(
            out,
            new AbstractOutHandler() {
              @Override
              public void onPull() {
                pull(in);
              }
            });
      }

      @Override
      public void preStart() {
        Duration look = limit.dividedBy(4);
        scheduleWithFixedDelay(TIMER, look, look);
      }

      @Override
      public void onTimer(Object timer) {
        if (running.idleFor().compareTo(limit) >= 0) {
          completeStage();
        }
      }
    };
  }
}
