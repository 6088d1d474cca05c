package io.layercast.registry;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Hosts that are reached without a forward proxy, as NO_PROXY lists them, comma-separated:
 *
 * <pre>
 * example.com      that host and all below it     .example.com, *.example.com   all below it
 * 10.1.2.3, [::1]  an address                     10.0.0.0/8                    a network (CIDR)
 * …:8443           any of them, at that port only *                             every host
 * </pre>
 */
final class NoProxy {
  private interface Rule {
    boolean covers(String host, int port);
  }

  private final List<Rule> rules;

  private NoProxy(List<Rule> rules) {
    this.rules = rules;
  }

  /**
   * @throws IllegalArgumentException naming the entry that is a broken network
   */
  static NoProxy parse(String list) {
    return new NoProxy(
        Arrays.stream(list.split(","))
            .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
            .filter(entry -> !entry.isEmpty())
            .map(NoProxy::rule)
            .toList());
  }

  /**
   * @param host a name or an address, one of IPv6 with or without brackets; never looked up
   */
  boolean covers(String host, int port) {
    String bare = withoutBrackets(host).toLowerCase(Locale.ROOT);
    return rules.stream().anyMatch(rule -> rule.covers(bare, port));
  }

  private static Rule rule(String entry) {
    if (entry.equals("*")) {
      return (_, _) -> true;
    }
    int slash = entry.indexOf('/');
    if (slash >= 0) {
      return network(entry, entry.substring(0, slash), entry.substring(slash + 1));
    }
    return HostAndPort.parse(entry)
        .map(both -> {
          Rule host = host(both.host());
          return (Rule) (name, port) -> port == both.port() && host.covers(name, port);
        })
        .orElseGet(() -> host(withoutBrackets(entry)));
  }

  private static Rule host(String entry) {
    if (entry.startsWith(".") || entry.startsWith("*.")) {
      String suffix = entry.substring(entry.indexOf('.'));
      return (host, _) -> host.endsWith(suffix);
    }
    return (host, _) -> host.equals(entry) || host.endsWith("." + entry);
  }

  private static Rule network(String entry, String address, String length) {
    byte[] prefix;
    int bits;
    try {
      prefix = InetAddress.ofLiteral(withoutBrackets(address)).getAddress();
      bits = Integer.parseInt(length);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(entry + " is no network", e);
    }
    if (bits < 0 || bits > 8 * prefix.length) {
      throw new IllegalArgumentException(entry + " is no network");
    }
    return (host, _) -> isWithin(prefix, bits, host);
  }

  private static boolean isWithin(byte[] prefix, int bits, String host) {
    byte[] address;
    try {
      address = InetAddress.ofLiteral(host).getAddress();
    } catch (IllegalArgumentException _) {
      return false; // a name
    }
    if (address.length != prefix.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> bit % 8;
      if ((address[bit / 8] & mask) != (prefix[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }
}
