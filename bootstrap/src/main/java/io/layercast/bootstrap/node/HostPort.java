package io.layercast.bootstrap.node;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * {@code host:port}, {@code 127.0.0.1:port} or {@code [::1]:port}, as written; nothing resolved.
 * Any host may stand in brackets, so that a manifest can put an address of either family between
 * them.
 */
public record HostPort(String host, int port) {
  public HostPort {
    if (host.isEmpty() || port < 0 || port > 65535) {
      throw new IllegalArgumentException("'%s:%d' is not HOST:PORT".formatted(host, port));
    }
  }

  /**
   * The address written {@code text}.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    String port = text.substring(colon + 1);
    boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
    if (bracketed) {
      host = host.substring(1, host.length() - 1);
    }
    if (!host.matches("[^\\[\\]]+")
        || (host.indexOf(':') >= 0 && !bracketed)
        || !port.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException(
          "'%s' is not HOST:PORT (an IPv6 address goes in brackets: [::1]:5004)".formatted(text));
    }
    return new HostPort(host, Integer.parseInt(port));
  }

  public static HostPort of(InetSocketAddress address) {
    return new HostPort(
        address.getAddress() == null
            ? address.getHostString()
            : address.getAddress().getHostAddress(),
        address.getPort());
  }

  /** Resolves the host. */
  public InetSocketAddress toSocketAddress() throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(host), port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
