package io.layercast.engine;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * Makes the tickets of a proxy's blobs; agents cannot, they lack the cluster key.
 *
 * @param peerAddress where this proxy accepts peers, as agents reach it
 */
public record ProxyTickets(SwarmKeys keys, InetSocketAddress peerAddress) {

  /** The ticket of one generation, with this proxy as its seed. */
  public LayerTicket of(Digest digest, PieceLayout layout, int generation) {
    return new LayerTicket(
        digest,
        layout,
        generation,
        keys.id(digest, generation),
        keys.secret(digest, generation),
        List.of(peerAddress));
  }
}
