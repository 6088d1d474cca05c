package io.layercast.registry;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An address written {@code host:port} or {@code [v6]:port}; {@code host} without brackets. */
record HostAndPort(String host, int port) {
  private static final Pattern GRAMMAR =
      Pattern.compile("(?:\\[([0-9a-fA-F:.%]{2,60})\\]|([a-zA-Z0-9._-]{1,253})):(\\d{1,5})");

  static Optional<HostAndPort> parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int port = Integer.parseInt(matcher.group(3));
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    return port < 1 || port > 65_535 ? Optional.empty() : Optional.of(new HostAndPort(host, port));
  }

  static HostAndPort of(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    String host = ip == null ? address.getHostString() : ip.getHostAddress();
    return new HostAndPort(host, address.getPort());
  }

  /** A socket address; one of a name is left unresolved. */
  InetSocketAddress toSocketAddress() {
    try {
      return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    } catch (IllegalArgumentException _) {
      return InetSocketAddress.createUnresolved(host, port);
    }
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
