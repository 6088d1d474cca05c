package io.layercast.swarm;

import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.swarm.wire.PeerId;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which of the peers that were handed out to dial. The ticket's seeds come first, then peers in the
 * order they were heard of, these up to half of the connections. Bounded: the peers heard of
 * longest ago are forgotten. Not thread-safe.
 */
public final class ConnectionChoice {
  private static final int MAX_CANDIDATES = 2_048;

  private final SwarmSettings.Connections limits;
  private final PeerLedger ledger;
  private final InetSocketAddress self;
  private final Set<InetSocketAddress> dialling = new HashSet<>();
  private final Map<InetSocketAddress, Peer> seeds = candidates();
  private final Map<InetSocketAddress, Peer> peers = candidates();

  /**
   * @param self where this node itself is reached, never dialled
   */
  public ConnectionChoice(
      SwarmSettings.Connections limits,
      PeerLedger ledger,
      InetSocketAddress self,
      List<InetSocketAddress> ticketSeeds) {
    this.limits = limits;
    this.ledger = ledger;
    this.self = self;
    met(ticketSeeds);
  }

  private static Map<InetSocketAddress, Peer> candidates() {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<InetSocketAddress, Peer> eldest) {
        return size() > MAX_CANDIDATES;
      }
    };
  }

  /** A ticket names these as seeds: the first one, or that of a proxy that took the blob over. */
  public void met(List<InetSocketAddress> ticketSeeds) {
    for (InetSocketAddress seed : ticketSeeds) {
      if (!seed.isUnresolved() && !seed.equals(self)) {
        seeds.put(seed, Peer.ours(seed));
        peers.remove(seed);
      }
    }
  }

  /** These were handed out. */
  public void heardOf(List<Peer> handout) {
    for (Peer peer : handout) {
      boolean isElsewhere = !peer.address().equals(self) && !peer.address().isUnresolved();
      if (isElsewhere && !seeds.containsKey(peer.address())) {
        peers.put(peer.address(), peer);
      }
    }
  }

  /**
   * Whom to dial now. The ticket's seeds as long as there is any room: they have everything, and
   * whoever was with them has gone on when it was served. Others only up to half: else all are full
   * of each other when the last come, who then find nobody.
   *
   * @param connected how many connections the swarm has
   * @param most how many it may have
   * @param isConnected whether there is a connection with an address already
   */
  public List<Peer> toDial(
      int connected, int most, Predicate<InetSocketAddress> isConnected, long nowNanos) {
    List<Peer> chosen = new ArrayList<>();
    choose(seeds, most - connected, isConnected, nowNanos, chosen);
    choose(peers, Math.ceilDiv(most, 2) - connected, isConnected, nowNanos, chosen);
    return chosen;
  }

  private void choose(
      Map<InetSocketAddress, Peer> candidates,
      int room,
      Predicate<InetSocketAddress> isConnected,
      long nowNanos,
      List<Peer> chosen) {
    int end = Math.min(room, limits.maxDialsPerBlob()) - dialling.size();
    for (Peer peer : candidates.values()) {
      if (chosen.size() >= end) {
        return;
      }
      InetSocketAddress address = peer.address();
      if (!dialling.contains(address)
          && !isConnected.test(address)
          && ledger.mayDial(address, nowNanos)) {
        chosen.add(peer);
      }
    }
  }

  /** A dial to {@code address} is under way. */
  public void dialled(InetSocketAddress address) {
    dialling.add(address);
  }

  /** The dial has ended; says whether there was one. */
  public boolean dialEnded(InetSocketAddress address) {
    return dialling.remove(address);
  }

  /** How many dials are under way. */
  public int dialling() {
    return dialling.size();
  }

  /**
   * Of two connections between the same two peers, whether the one that {@code self} dialled stays:
   * the one whose dialler has the smaller id. Both ends come to the same answer.
   */
  public static boolean keepsOwnDial(PeerId self, PeerId remote) {
    return self.compareTo(remote) < 0;
  }
}
