package io.layercast.tracker;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * This node as it announces itself.
 *
 * @param peerId 20 bytes (BEP 20)
 * @param address where its peers reach it; of the wildcard address it is the tracker that says so
 * @param proxy whether it is a proxy: handed out sparingly
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
public record PeerIdentity(byte[] peerId, InetSocketAddress address, boolean proxy) {
  static final int PEER_ID_BYTES = 20;
  private static final byte[] PREFIX = "-LC0100-".getBytes(StandardCharsets.US_ASCII);

  public PeerIdentity {
    if (peerId.length != PEER_ID_BYTES) {
      throw new IllegalArgumentException("a peer id of " + peerId.length + " bytes");
    }
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("an address that is a name: " + address);
    }
    peerId = peerId.clone();
  }

  /** A node with a peer id of its own, {@code -LC0100-} and twelve random bytes. */
  public static PeerIdentity create(InetSocketAddress address, boolean proxy) {
    byte[] peerId = new byte[PEER_ID_BYTES];
    new SecureRandom().nextBytes(peerId);
    System.arraycopy(PREFIX, 0, peerId, 0, PREFIX.length);
    return new PeerIdentity(peerId, address, proxy);
  }

  @Override
  public byte[] peerId() {
    return peerId.clone();
  }
}
