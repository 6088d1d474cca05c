package io.layercast.engine;

import io.layercast.engine.rate.RateLimiter;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * What the layer actors of one agent work with.
 *
 * @param download counts every layer byte that enters the node
 * @param disk the disk dispatcher
 * @param pulls is told how downloads go
 */
public record AgentNode(
    LiveBlobs blobs,
    LayerCatalog catalog,
    PieceInflow inflow,
    PieceBuffers buffers,
    RateLimiter download,
    Executor disk,
    PullListener pulls,
    EngineSettings settings) {

  <T> CompletionStage<T> onDisk(DiskDeed<T> deed) {
    return DiskDeed.on(disk, deed);
  }
}
