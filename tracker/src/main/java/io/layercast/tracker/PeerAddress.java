package io.layercast.tracker;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Where a peer listens: 4 or 16 bytes of IP address and a port. Not copied: do not change the
 * bytes.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content
public record PeerAddress(byte[] ip, int port) {
  public PeerAddress {
    if (ip.length != 4 && ip.length != 16) {
      throw new IllegalArgumentException("an IP address of " + ip.length + " bytes");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port);
    }
  }

  boolean isV4() {
    return ip.length == 4;
  }

  /** An IPv4 address and its port as they go over the wire (BEP 23), in the low six bytes. */
  long packedV4() {
    if (!isV4()) {
      throw new IllegalStateException("not IPv4: " + this);
    }
    return (ByteBuffer.wrap(ip).getInt() & 0xffff_ffffL) << 16 | port;
  }

  /** Whether others may reach a node at {@code ip} that is seen to come from {@code source}. */
  static boolean canBeReached(byte[] ip, InetAddress source) {
    InetAddress named = new PeerAddress(ip, 1).toSocketAddress().getAddress();
    return !named.isAnyLocalAddress()
        && !named.isMulticastAddress()
        && (!named.isLoopbackAddress() || source.isLoopbackAddress());
  }

  boolean sameHost(PeerAddress other) {
    return Arrays.equals(ip, other.ip);
  }

  public InetSocketAddress toSocketAddress() {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(ip), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("the length was checked", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PeerAddress address
        && port == address.port
        && Arrays.equals(ip, address.ip);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ip) * 31 + port;
  }

  @Override
  public String toString() {
    return toSocketAddress().toString();
  }
}
