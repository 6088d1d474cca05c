package io.layercast.tracker;

import io.layercast.engine.SwarmId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What one announce gets to know of a swarm, packed as it goes over the wire (BEP 23, BEP 7).
 *
 * @param known false when the id is none of this cluster's; all else is empty then
 * @param byAlias whether the id is an alias, which standard clients know a swarm by
 * @param peers 6 bytes each: IPv4 address, port, big-endian
 * @param peers6 18 bytes each: IPv6 address, port
 * @param peerIds 20 bytes each, of {@code peers} and then of {@code peers6}; zeros where a peer
 *     told none; none at all unless they were asked for
 * @param foreign standard clients, only for who can greet them by their alias
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record Handout(
    boolean known,
    boolean byAlias,
    byte[] peers,
    byte[] peers6,
    byte[] peerIds,
    List<Foreign> foreign,
    SwarmTable.Counts counts) {
  private static final byte[] NONE = {};
  private static final byte[] NO_PEER_ID = new byte[PeerIdentity.PEER_ID_BYTES];
  private static final int V4_PEER_BYTES = 6;
  private static final int V6_PEER_BYTES = 18;

  /** An id that this cluster has not made. */
  static final Handout UNKNOWN =
      new Handout(false, false, NONE, NONE, NONE, List.of(), new SwarmTable.Counts(0, 0, 0));

  /** A standard client and the alias it joined by. */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Foreign(PeerAddress address, byte[] alias) {}

  /**
   * @param marksForeign whether the one who asks reads {@link #foreign}; else all go to the plain
   *     lists
   * @param withPeerIds whether it reads {@link #peerIds}
   */
  static Handout of(
      List<Swarm.Entry> chosen,
      SwarmTable.Counts counts,
      boolean byAlias,
      boolean marksForeign,
      boolean withPeerIds) {
    List<Foreign> foreign = new ArrayList<>();
    List<Swarm.Entry> plain = new ArrayList<>(chosen.size());
    List<Swarm.Entry> plain6 = new ArrayList<>();
    for (Swarm.Entry entry : chosen) {
      if (marksForeign && entry.alias.isPresent()) {
        foreign.add(new Foreign(entry.address(), entry.alias.map(SwarmId::toBytes).orElse(NONE)));
      } else {
        (entry.packedV4 == Swarm.NOT_V4 ? plain6 : plain).add(entry);
      }
    }
    return new Handout(
        true,
        byAlias,
        packed(plain),
        packed6(plain6),
        withPeerIds ? peerIds(plain, plain6) : NONE,
        foreign,
        counts);
  }

  boolean isEmpty() {
    return peers.length == 0 && peers6.length == 0 && foreign.isEmpty();
  }

  private static byte[] packed(List<Swarm.Entry> entries) {
    ByteBuffer peers = ByteBuffer.allocate(entries.size() * V4_PEER_BYTES);
    for (Swarm.Entry entry : entries) {
      peers.putInt((int) (entry.packedV4 >> 16)).putShort((short) entry.packedV4);
    }
    return peers.array();
  }

  private static byte[] packed6(List<Swarm.Entry> entries) {
    ByteBuffer peers = ByteBuffer.allocate(entries.size() * V6_PEER_BYTES);
    for (Swarm.Entry entry : entries) {
      PeerAddress address = entry.address();
      peers.put(address.ip()).putShort((short) address.port());
    }
    return peers.array();
  }

  private static byte[] peerIds(List<Swarm.Entry> entries, List<Swarm.Entry> entries6) {
    List<Swarm.Entry> all = new ArrayList<>(entries);
    all.addAll(entries6);
    ByteBuffer ids = ByteBuffer.allocate(all.size() * PeerIdentity.PEER_ID_BYTES);
    for (Swarm.Entry entry : all) {
      byte[] id = entry.node.peerId;
      ids.put(id.length == PeerIdentity.PEER_ID_BYTES ? id : NO_PEER_ID);
    }
    return ids.array();
  }
}
