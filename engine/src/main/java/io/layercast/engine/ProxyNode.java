package io.layercast.engine;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * What the layer actors of one proxy work with.
 *
 * @param disk the disk dispatcher
 * @param apiAddress host:port of this proxy's HTTP API, as agents and other proxies reach it
 */
public record ProxyNode(
    LiveBlobs blobs,
    OriginBlobs origin,
    ProxyTickets tickets,
    PieceInflow inflow,
    Executor disk,
    EngineSettings settings,
    String apiAddress) {

  <T> CompletionStage<T> onDisk(DiskDeed<T> deed) {
    return DiskDeed.on(disk, deed);
  }
}
