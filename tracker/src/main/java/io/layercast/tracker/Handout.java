package io.layercast.tracker;

import io.layercast.engine.SwarmId;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * What one announce gets to know of a swarm, packed as it goes over the wire (BEP 23, BEP 7).
 *
 * @param known false when the id is none of this cluster's; all else is empty then
 * @param peers 6 bytes each: IPv4 address, port, big-endian
 * @param peers6 18 bytes each: IPv6 address, port
 * @param peerIds 20 bytes each, of {@code peers} and then of {@code peers6}; zeros where a peer
 *     told none
 * @param foreign standard clients, only for who can greet them by their alias
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record Handout(
    boolean known,
    byte[] peers,
    byte[] peers6,
    byte[] peerIds,
    List<Foreign> foreign,
    SwarmTable.Counts counts) {
  private static final byte[] NONE = {};
  private static final int PEER_ID_BYTES = 20;

  /** An id that this cluster has not made. */
  static final Handout UNKNOWN =
      new Handout(false, NONE, NONE, NONE, List.of(), new SwarmTable.Counts(0, 0, 0));

  /** A standard client and the alias it joined by. */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Foreign(PeerAddress address, byte[] alias) {}

  /**
   * @param marksForeign whether the one who asks reads {@link #foreign}; else all go to the plain
   *     lists, with their peer ids
   */
  static Handout of(List<Swarm.Entry> chosen, SwarmTable.Counts counts, boolean marksForeign) {
    List<Foreign> foreign = new ArrayList<>();
    ByteArrayOutputStream peers = new ByteArrayOutputStream();
    ByteArrayOutputStream peers6 = new ByteArrayOutputStream();
    ByteArrayOutputStream ids = new ByteArrayOutputStream();
    ByteArrayOutputStream ids6 = new ByteArrayOutputStream();
    for (Swarm.Entry entry : chosen) {
      PeerAddress address = entry.node.address;
      if (marksForeign && entry.alias.isPresent()) {
        foreign.add(new Foreign(address, entry.alias.map(SwarmId::toBytes).orElse(NONE)));
      } else {
        write(address, address.isV4() ? peers : peers6);
        writeId(entry.node.peerId, address.isV4() ? ids : ids6);
      }
    }
    ids.writeBytes(ids6.toByteArray());
    return new Handout(
        true,
        peers.toByteArray(),
        peers6.toByteArray(),
        marksForeign ? NONE : ids.toByteArray(),
        foreign,
        counts);
  }

  boolean isEmpty() {
    return peers.length == 0 && peers6.length == 0 && foreign.isEmpty();
  }

  private static void write(PeerAddress address, ByteArrayOutputStream out) {
    out.writeBytes(address.ip());
    out.write(address.port() >> 8);
    out.write(address.port());
  }

  private static void writeId(byte[] peerId, ByteArrayOutputStream out) {
    out.writeBytes(peerId.length == PEER_ID_BYTES ? peerId : new byte[PEER_ID_BYTES]);
  }
}
