package io.layercast.tracker;

import com.typesafe.config.Config;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * The keys under {@code layercast.tracker.client}, explained in reference.conf.
 *
 * @param addresses trackers, unresolved
 * @param bindAddress a literal IP address, or empty
 * @param announceInterval until a tracker has named one
 */
public record TrackerClientSettings(
    List<InetSocketAddress> addresses,
    String bindAddress,
    Duration announceInterval,
    double announceJitter,
    int wantPeers,
    int maxSwarmsPerRequest,
    Duration minWantInterval,
    Duration changeDelay,
    Backoff backoff,
    Connection connection) {

  /** How long to wait after a failure. */
  record Backoff(Duration min, Duration max) {
    Backoff {
      Require.positive("client.min-backoff", min);
      Require.atLeast("client.max-backoff", max, min);
    }
  }

  /** Bounds on the HTTP client. */
  record Connection(
      Duration requestTimeout,
      Duration connectTimeout,
      Duration idleTimeout,
      Duration farewellTimeout,
      int maxConnections,
      int maxOpenRequests,
      int maxResponseBytes) {
    Connection {
      Require.positive("client.request-timeout", requestTimeout);
      Require.positive("client.connect-timeout", connectTimeout);
      Require.positive("client.idle-timeout", idleTimeout);
      Require.positive("client.farewell-timeout", farewellTimeout);
      Require.between("client.max-connections", maxConnections, 1, 1024);
      Require.between("client.max-open-requests", maxOpenRequests, 1, 1 << 16);
      if (Integer.bitCount(maxOpenRequests) != 1) {
        throw Require.broken("client.max-open-requests", maxOpenRequests, "is no power of two");
      }
    }
  }

  public TrackerClientSettings {
    addresses = List.copyOf(addresses);
    Require.positive("client.min-want-interval", minWantInterval);
    Require.positive("client.change-delay", changeDelay);
  }

  /** {@code config}: what stands under {@code layercast.tracker}. */
  static TrackerClientSettings from(Config config) {
    Config client = config.getConfig("client");
    return new TrackerClientSettings(
        client.getStringList("addresses").stream().map(TrackerClientSettings::address).toList(),
        client.getString("bind-address"),
        config.getDuration("announce-interval"),
        config.getDouble("announce-jitter"),
        config.getInt("handout.default-peers"),
        config.getInt("max-swarms-per-request"),
        client.getDuration("min-want-interval"),
        client.getDuration("change-delay"),
        new Backoff(client.getDuration("min-backoff"), client.getDuration("max-backoff")),
        new Connection(
            client.getDuration("request-timeout"),
            client.getDuration("connect-timeout"),
            client.getDuration("idle-timeout"),
            client.getDuration("farewell-timeout"),
            client.getInt("max-connections"),
            client.getInt("max-open-requests"),
            Require.intBytes(client, "max-response-bytes")));
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[|]$", "");
    String port = text.substring(colon + 1);
    if (host.isEmpty() || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
      throw Require.broken("client.addresses", text, "is not host:port");
    }
    return InetSocketAddress.createUnresolved(host, Integer.parseInt(port));
  }
}
