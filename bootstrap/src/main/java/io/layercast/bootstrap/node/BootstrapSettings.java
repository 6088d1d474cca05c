package io.layercast.bootstrap.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What stands under {@code layercast.bootstrap}, checked; reference.conf explains every key. The
 * rates are read where they are limited and the log's keys before the first logger is made.
 *
 * @param management where akka-management listens, if it does
 */
record BootstrapSettings(
    Agent agent,
    Proxy proxy,
    HostPort trackerListen,
    Cluster cluster,
    Kubernetes kubernetes,
    Optional<HostPort> management) {
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST_GRACE = Duration.ofMinutes(10);

  /**
   * Of an agent.
   *
   * @param credentialFile empty for none
   */
  record Agent(
      HostPort listen,
      HostPort peerAddress,
      Path data,
      Duration stopGrace,
      Optional<Path> credentialFile,
      Names names) {}

  /** What an agent takes the names of proxies and trackers for. */
  enum Names {
    DNS,
    KUBERNETES_API;

    /** As the key has it. */
    static Names of(String text) {
      return switch (text) {
        case "dns" -> DNS;
        case "kubernetes-api" -> KUBERNETES_API;
        default ->
            throw new IllegalArgumentException(
                "'%s' is none of dns, kubernetes-api".formatted(text));
      };
    }
  }

  /** Of a proxy. */
  record Proxy(HostPort apiAddress, HostPort peerAddress, Path data, Duration stopGrace) {}

  /** How members find each other. */
  enum Discovery {
    CONFIG,
    KUBERNETES_API;

    /** As the key has it. */
    static Discovery of(String text) {
      return switch (text) {
        case "config" -> CONFIG;
        case "kubernetes-api" -> KUBERNETES_API;
        default ->
            throw new IllegalArgumentException(
                "'%s' is none of config, kubernetes-api".formatted(text));
      };
    }
  }

  /**
   * Of a member.
   *
   * @param splitCheck zero for never
   * @param keyFile empty for a fresh key
   * @param tlsFolder empty for plain TCP
   */
  record Cluster(
      HostPort address,
      Discovery discovery,
      List<HostPort> contactPoints,
      Duration stableMargin,
      Duration contactPatience,
      Duration probeInterval,
      Duration splitCheck,
      String keyFile,
      Optional<Path> tlsFolder,
      Duration joinTimeout) {

    /** Whether this member is a cluster by itself and looks for no other. */
    boolean isAlone() {
      return discovery == Discovery.CONFIG && contactPoints.isEmpty();
    }
  }

  /** The API of the Kubernetes cluster around us. */
  record Kubernetes(String podSelector, Path account, String container, Duration keep) {}

  /**
   * Reads {@code layercast.bootstrap} of a whole configuration.
   *
   * @throws ConfigException naming key and value when one is missing or out of its bounds
   */
  static BootstrapSettings from(Config root) {
    Config config = root.getConfig("layercast.bootstrap");
    Config agent = config.getConfig("agent");
    Config proxy = config.getConfig("proxy");
    Config kubernetes = config.getConfig("kubernetes");
    String management = config.getString("management");
    BootstrapSettings settings =
        new BootstrapSettings(
            new Agent(
                address(agent, "listen"),
                address(agent, "peer-address"),
                Path.of(agent.getString("data")),
                between(agent, "stop-grace", Duration.ZERO, LONGEST_GRACE),
                path(agent, "credential-file"),
                parsed(agent, "discovery", Names::of)),
            new Proxy(
                address(proxy, "api-address"),
                address(proxy, "peer-address"),
                Path.of(proxy.getString("data")),
                between(proxy, "stop-grace", Duration.ZERO, LONGEST_GRACE)),
            address(config.getConfig("tracker"), "listen"),
            cluster(config.getConfig("cluster")),
            new Kubernetes(
                parsed(kubernetes, "pod-selector", BootstrapSettings::selector),
                Path.of(kubernetes.getString("account")),
                kubernetes.getString("container"),
                between(kubernetes, "keep", SHORTEST, Duration.ofHours(1))),
            management.isEmpty() ? Optional.empty() : Optional.of(address(config, "management")));
    if (!settings.cluster().isAlone() && settings.management().isEmpty()) {
      throw bad(
          config,
          "management",
          "members that find each other need an address where the others can ask them");
    }
    return settings;
  }

  private static Cluster cluster(Config config) {
    return new Cluster(
        address(config, "address"),
        parsed(config, "discovery", Discovery::of),
        config.getStringList("contact-points").stream()
            .map(text -> parse(config, "contact-points", text, HostPort::parse))
            .toList(),
        between(config, "stable-margin", Duration.ZERO, Duration.ofMinutes(5)),
        between(config, "contact-patience", Duration.ZERO, Duration.ofHours(1)),
        between(config, "probe-interval", Duration.ofMillis(10), Duration.ofMinutes(1)),
        between(config, "split-check", Duration.ZERO, Duration.ofHours(1)),
        config.getString("key-file"),
        path(config, "tls-folder"),
        between(config, "join-timeout", SHORTEST, Duration.ofHours(1)));
  }

  private static Optional<Path> path(Config config, String key) {
    return Optional.of(config.getString(key)).filter(text -> !text.isEmpty()).map(Path::of);
  }

  /** Equality and existence, as Kubernetes has it; no quoting is needed where nothing else is. */
  private static String selector(String text) {
    if (!text.matches("[A-Za-z0-9_./=!,-]+")) {
      throw new IllegalArgumentException("'%s' is not a label selector".formatted(text));
    }
    return text;
  }

  private static HostPort address(Config config, String key) {
    return parsed(config, key, HostPort::parse);
  }

  private static <T> T parsed(Config config, String key, Function<String, T> parser) {
    return parse(config, key, config.getString(key), parser);
  }

  private static <T> T parse(Config config, String key, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw bad(config, key, String.valueOf(e.getMessage()));
    }
  }

  private static Duration between(Config config, String key, Duration least, Duration most) {
    Duration value = config.getDuration(key);
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw bad(config, key, "%s is not between %s and %s".formatted(value, least, most));
    }
    return value;
  }

  private static ConfigException bad(Config config, String key, String why) {
    return new ConfigException.BadValue(config.getValue(key).origin(), key, why);
  }
}
