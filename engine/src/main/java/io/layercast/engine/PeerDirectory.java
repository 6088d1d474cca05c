package io.layercast.engine;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Who else is in a swarm. Implemented by the tracker's client; one for a node. */
public interface PeerDirectory {

  /**
   * Announces this node in a swarm at once and from then on at the tracker's interval.
   *
   * @param holding asked at each announce, on any thread
   * @param onPeers called with the peers of each handout, on any thread
   */
  Membership join(SwarmId swarm, Supplier<Holding> holding, Consumer<List<Peer>> onPeers);

  /**
   * Tells the tracker that {@code alias}, the info hash of a {@code .torrent} made for standard
   * clients, stands for {@code swarm} until {@code expiry}. Proxies only. Fails when no tracker
   * took it.
   */
  CompletionStage<Void> alias(SwarmId alias, SwarmId swarm, Instant expiry);

  /** The swarm an alias stands for now, if any. */
  CompletionStage<Optional<SwarmId>> resolve(SwarmId alias);

  /** This node's announced part in one swarm. */
  interface Membership {
    /** The holding changed in a way others care for (it is complete): announce soon. */
    void changed();

    /** More peers are wanted than the last handout gave: ask before the interval is over. */
    void wantPeers();

    /** Tells the tracker that this node is gone from the swarm. Idempotent. */
    void leave();
  }

  /**
   * What this node has of a blob and has moved (BEP 3: left, uploaded, downloaded).
   *
   * @param leftBytes still missing here; 0 for a seed
   */
  record Holding(long leftBytes, long uploadedBytes, long downloadedBytes) {}

  /**
   * One peer of a handout.
   *
   * @param foreign joined by an alias: a standard client, which speaks 16 KiB blocks and proves
   *     itself by the alias alone
   * @param viaAlias the info hash to greet a foreign peer with
   */
  record Peer(InetSocketAddress address, boolean foreign, Optional<SwarmId> viaAlias) {
    /** A peer of ours. */
    public static Peer ours(InetSocketAddress address) {
      return new Peer(address, false, Optional.empty());
    }
  }
}
