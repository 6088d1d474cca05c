package io.layercast.registry;

import static io.layercast.registry.RegistrySettings.bad;
import static io.layercast.registry.RegistrySettings.positive;
import static io.layercast.registry.RegistrySettings.positiveTime;

import com.typesafe.config.Config;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code layercast.registry.proxies}: how an agent reaches the proxies.
 *
 * @param addresses {@code host:port} each
 * @param caFile empty for plain http
 * @param serverName of every proxy, with TLS
 * @param longestWait for any proxy at all
 */
public record ProxiesSettings(
    List<String> addresses,
    Optional<InetAddress> bindAddress,
    Optional<Path> caFile,
    String serverName,
    Duration connectTimeout,
    Duration answerTimeout,
    Duration layerAnswerTimeout,
    Duration silence,
    int maxConnections,
    Duration resolveEvery,
    Duration longestWait) {
  /** Runtimes give up on a manifest after minutes; nobody waits longer. */
  private static final Duration MAX_WAIT = Duration.ofMinutes(5);

  public ProxiesSettings {
    addresses = List.copyOf(addresses);
  }

  static ProxiesSettings from(Config config) {
    List<String> addresses = config.getStringList("addresses");
    for (String address : addresses) {
      if (HostAndPort.parse(address).isEmpty()) {
        throw bad(config, "addresses", address + " is not host:port");
      }
    }
    return new ProxiesSettings(
        addresses,
        OriginSettings.address(config, "bind-address"),
        OriginSettings.text(config, "ca-file").map(Path::of),
        config.getString("server-name"),
        positiveTime(config, "connect-timeout"),
        positiveTime(config, "answer-timeout"),
        positiveTime(config, "layer-answer-timeout"),
        positiveTime(config, "silence"),
        positive(config, "max-connections"),
        positiveTime(config, "resolve-every"),
        RegistrySettings.atMost(config, "longest-wait", MAX_WAIT));
  }
}
