package io.layercast.swarm;

import io.layercast.swarm.wire.PeerId;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected in one swarm, and who may be: of two connections with one peer one stays, and a
 * full seed passes its connections on. Pure; not thread-safe.
 */
final class Partners {
  private static final int FEW_CONNECTIONS = 16;

  private final SwarmSettings settings;
  private final PeerId self;
  private final int pieceCount;

  /** Longest connected first. */
  private final Map<Long, Partner> partners = new LinkedHashMap<>();

  private final Map<InetSocketAddress, Integer> addresses = new HashMap<>();
  private int leaving;

  Partners(SwarmSettings settings, PeerId self, int pieceCount) {
    this.settings = settings;
    this.self = self;
    this.pieceCount = pieceCount;
  }

  Collection<Partner> all() {
    return partners.values();
  }

  /** Null when it is none of this swarm. */
  @Nullable Partner find(Link link) {
    Partner partner = link.partner;
    return partner != null && partner.among == this ? partner : null;
  }

  @Nullable Partner find(long link) {
    return partners.get(link);
  }

  int size() {
    return partners.size();
  }

  boolean isConnected(InetSocketAddress address) {
    return addresses.containsKey(address);
  }

  /**
   * A blob of few pieces is soon had from few peers, and thirty such layers at once must not take
   * all the connections a node may have: one a piece. Who only seeds serves as many as it may.
   *
   * @param lacksPieces whether some are to be fetched
   */
  int most(boolean lacksPieces) {
    int most = settings.connections().maxPerBlob();
    return lacksPieces ? Math.min(most, Math.max(FEW_CONNECTIONS, pieceCount)) : most;
  }

  /** Whether there is room for one more; a seed may tell somebody to go for it. */
  boolean hasRoom(boolean lacksPieces, long nowNanos) {
    return partners.size() - leaving < most(lacksPieces) || (!lacksPieces && makesRoom(nowNanos));
  }

  /**
   * Where nothing is lacking, whoever is connected longest makes room, if that is long enough: a
   * seed that is full would else feed the same few to the end.
   */
  private boolean makesRoom(long nowNanos) {
    long turn = settings.deadlines().seedTurn().toNanos();
    Optional<Partner> longest =
        partners.values().stream().filter(partner -> !partner.leaving).findFirst();
    if (longest.isEmpty() || nowNanos - longest.get().sinceNanos < turn) {
      return false;
    }
    longest.get().leaving = true;
    leaving++;
    longest.get().link.close("others wait");
    return true;
  }

  /** Who is connected and is the same peer. */
  Optional<Partner> twinOf(Remote remote) {
    return partners.values().stream()
        .filter(partner -> partner.remote.peerId().equals(remote.peerId()))
        .findFirst();
  }

  /** Of two connections between the same two peers one stays; says whether it is the new one. */
  boolean survives(Remote remote, Partner twin) {
    boolean keepsDialled = ConnectionChoice.keepsOwnDial(self, remote.peerId());
    return twin.remote.dialled() != remote.dialled() && remote.dialled() == keepsDialled;
  }

  void add(Link link, Remote remote, boolean slow, long nowNanos) {
    Partner partner = new Partner(this, link, remote, pieceCount, nowNanos);
    partner.slow = slow;
    link.partner = partner;
    partners.put(link.id(), partner);
    addresses.merge(remote.address(), 1, Integer::sum);
  }

  /** Null when it was none. */
  @Nullable Partner remove(long link) {
    Partner partner = partners.remove(link);
    if (partner != null) {
      partner.link.partner = null;
      leaving -= partner.leaving ? 1 : 0;
      addresses.computeIfPresent(
          partner.remote.address(), (_, count) -> count == 1 ? null : count - 1);
    }
    return partner;
  }
}
