package io.layercast.bootstrap.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where a node's peers connect: where it listens, and the address others reach it by.
 *
 * @param bind the local address; its host may be 0.0.0.0 or ::
 * @param advertised such a one only where no other is known: then the tracker lists what it sees
 */
record PeerEndpoint(InetSocketAddress bind, InetSocketAddress advertised) {
  private static final String CREDENTIAL_FILE = "layercast.bootstrap.agent.credential-file";

  /**
   * Reads the address at {@code key}.
   *
   * @param fallbackHost how others reach this node where it listens on all its addresses; empty
   *     when this is not known, as what the own name stands for may be 127.0.1.1
   */
  static PeerEndpoint of(Config config, String key, String fallbackHost) throws IOException {
    HostPort address = HostPort.parse(config.getString(key));
    if (address.port() == 0) {
      throw new ConfigException.BadValue(
          config.getValue(key).origin(), key, "peers are told this port, so it cannot be 0");
    }
    InetSocketAddress bind = address.toSocketAddress();
    if (!bind.getAddress().isAnyLocalAddress() || fallbackHost.isEmpty()) {
      return new PeerEndpoint(bind, bind);
    }
    InetAddress reached = InetAddress.getByName(fallbackHost);
    return new PeerEndpoint(bind, new InetSocketAddress(reached, address.port()));
  }

  /**
   * Where its own connections come from: the very address that peers connect to, as the tracker
   * lists the address it sees. Where the node listens on all its addresses, the system chooses. An
   * agent with the credential is believed whatever the tracker sees, so the system chooses for it
   * too: from a host to a pod of an overlay network only packets with the tunnel's own address are
   * answered.
   */
  Optional<InetAddress> source(Config config) {
    boolean isFree =
        bind.getAddress().isAnyLocalAddress() || !config.getString(CREDENTIAL_FILE).isEmpty();
    return isFree ? Optional.empty() : Optional.of(bind.getAddress());
  }

  /**
   * {@code config} with requests to trackers and proxies going out from {@link #source}; where a
   * key is set already, it stands.
   */
  Config bindRequests(Config config) {
    Optional<InetAddress> source = source(config);
    if (source.isEmpty()) {
      return config;
    }
    Config bound = ConfigFactory.empty();
    for (String key :
        new String[] {
          "layercast.tracker.client.bind-address", "layercast.registry.proxies.bind-address"
        }) {
      if (config.getString(key).isEmpty()) {
        bound = bound.withValue(key, ConfigValueFactory.fromAnyRef(source.get().getHostAddress()));
      }
    }
    return bound.withFallback(config);
  }
}
