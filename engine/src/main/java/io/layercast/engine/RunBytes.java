package io.layercast.engine;

import akka.stream.Attributes;
import akka.stream.FlowShape;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.util.ByteString;
import java.util.concurrent.Executor;

/**
 * The bytes of runs, one run after another: read from the disk, or, in a stream with {@link
 * DirectRuns}, as stand-ins for those that its socket takes from the disk itself.
 */
final class RunBytes extends GraphStage<FlowShape<BlobRun, ByteString>> {
  private final Executor disk;
  private final boolean mayStandIn;
  private final Inlet<BlobRun> in = Inlet.create("RunBytes.in");
  private final Outlet<ByteString> out = Outlet.create("RunBytes.out");
  private final FlowShape<BlobRun, ByteString> shape = FlowShape.of(in, out);

  /**
   * @param mayStandIn whether stand-ins will do
   */
  RunBytes(Executor disk, boolean mayStandIn) {
    this.disk = disk;
    this.mayStandIn = mayStandIn;
  }

  @Override
  public FlowShape<BlobRun, ByteString> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return attributes
        .getAttribute(DirectRuns.class)
        .filter(_ -> mayStandIn)
        .<GraphStageLogic>map(runs -> new RunAnnouncer(shape, runs))
        .orElseGet(() -> new RunReader(shape, disk));
  }
}
