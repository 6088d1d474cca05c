package io.layercast.registry;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Everything under {@code layercast.registry}, checked.
 *
 * @param origin what an agent does not use
 * @param proxies what a proxy does not use
 */
public record RegistrySettings(
    OriginSettings origin,
    Authorisation authorisation,
    Server server,
    ProxyApi proxyApi,
    ProxiesSettings proxies) {

  /** {@code layercast.registry.authorisation}. */
  public record Authorisation(Duration grantTtl, int maxGrants, int maxMemberships) {
    /** An empty table of these bounds. */
    public GrantTable newTable() {
      return new GrantTable(grantTtl, maxGrants, maxMemberships);
    }
  }

  /** {@code layercast.registry.server}. */
  public record Server(
      Duration idleTimeout,
      Duration requestTimeout,
      int maxConnections,
      int maxConnectionsPerAddress) {
    /** The same where all callers have one address: those of a node, on its loopback. */
    public Server forOneAddress() {
      return new Server(idleTimeout, requestTimeout, maxConnections, maxConnections);
    }
  }

  /**
   * {@code layercast.registry.proxy-api}.
   *
   * @param tlsFolder empty for plain http
   */
  public record ProxyApi(
      int inlineMaxBytes,
      Duration keepAlive,
      Duration permitTtl,
      Optional<Path> tlsFolder,
      boolean requireCredential) {}

  /**
   * Reads {@code layercast.registry} of a whole configuration.
   *
   * @throws ConfigException naming the key and its value when one is out of bounds
   */
  public static RegistrySettings from(Config root) {
    Config config = root.getConfig("layercast.registry");
    Config authorisation = config.getConfig("authorisation");
    Config server = config.getConfig("server");
    Config api = config.getConfig("proxy-api");
    return new RegistrySettings(
        OriginSettings.from(config.getConfig("origin")),
        new Authorisation(
            atMost(authorisation, "grant-ttl", GrantTable.MAX_TTL),
            positive(authorisation, "max-grants"),
            positive(authorisation, "max-memberships")),
        new Server(
            positiveTime(server, "idle-timeout"),
            positiveTime(server, "request-timeout"),
            positive(server, "max-connections"),
            positive(server, "max-connections-per-address")),
        new ProxyApi(
            bytes(api, "inline-max-bytes", MetainfoFrames.MAX_INLINE_BYTES),
            positiveTime(api, "keep-alive"),
            positiveTime(api, "permit-ttl"),
            OriginSettings.text(api, "tls-folder").map(Path::of),
            api.getBoolean("require-credential")),
        ProxiesSettings.from(config.getConfig("proxies")));
  }

  static int positive(Config config, String key) {
    int value = config.getInt(key);
    if (value < 1) {
      throw bad(config, key, value + " is not positive");
    }
    return value;
  }

  static int bytes(Config config, String key, int max) {
    long value = config.getBytes(key);
    if (value < 0 || value > max) {
      throw bad(config, key, value + " is not between 0 and " + max + " bytes");
    }
    return (int) value;
  }

  static Duration positiveTime(Config config, String key) {
    Duration value = config.getDuration(key);
    if (value.isNegative() || value.isZero()) {
      throw bad(config, key, value + " is not positive");
    }
    return value;
  }

  static Duration atMost(Config config, String key, Duration max) {
    Duration value = config.getDuration(key);
    if (value.isNegative() || value.compareTo(max) > 0) {
      throw bad(config, key, value + " is not between 0 and " + max);
    }
    return value;
  }

  static ConfigException bad(Config config, String key, String why) {
    return new ConfigException.BadValue(config.origin(), "layercast.registry…" + key, why);
  }
}
