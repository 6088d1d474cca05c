package io.layercast.engine;

import java.net.InetSocketAddress;
import java.util.List;

/** The BitTorrent side of this node. Implemented by the swarm module. */
public interface Swarms {

  /**
   * Joins the swarm that {@code ticket} names: seeds what {@code blob} has, fetches what it wants,
   * announces it, until {@link Member#leave}.
   */
  Member join(SharedBlob blob, LayerTicket ticket);

  /** This node's part in one swarm. */
  interface Member {
    /** Closes its connections and tells the peer directory. Idempotent. */
    void leave();

    /** These proxies have the blob now, besides the ticket's seeds: peers to dial at once. */
    void meet(List<InetSocketAddress> seeds);

    /** A snapshot for logs, deadlines and tables. */
    Traffic traffic();
  }

  /**
   * Layer bytes of one swarm on this node so far, by whom they were exchanged with.
   *
   * @param fromSeeds verified bytes received from the ticket's seeds (proxies)
   * @param fromPeers verified bytes received from anyone else
   * @param uploaded bytes sent
   * @param wasted bytes received and not used: failed their hash or came twice
   * @param peers connections that have proven to belong
   */
  record Traffic(long fromSeeds, long fromPeers, long uploaded, long wasted, int peers) {
    Traffic plus(Traffic other) {
      return new Traffic(
          fromSeeds + other.fromSeeds,
          fromPeers + other.fromPeers,
          uploaded + other.uploaded,
          wasted + other.wasted,
          peers + other.peers);
    }
  }
}
