package io.layercast.engine;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a caller with a grant is told of one generation of a layer: enough to join its swarm.
 *
 * @param generation 0 at first, one more after each rejection
 * @param secret what our peers ask a proof of before they unchoke
 * @param seeds peer addresses of proxies that hold or ingest it
 */
public record LayerTicket(
    Digest digest,
    PieceLayout layout,
    int generation,
    SwarmId swarmId,
    Secret secret,
    List<InetSocketAddress> seeds) {
  public LayerTicket {
    seeds = List.copyOf(seeds);
  }
}
