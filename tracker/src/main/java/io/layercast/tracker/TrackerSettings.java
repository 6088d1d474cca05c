package io.layercast.tracker;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * The keys under {@code layercast.tracker}, explained in reference.conf.
 *
 * @param announceJitter part of an interval, 0 to 0.5
 */
public record TrackerSettings(
    Duration announceInterval,
    Duration foreignAnnounceInterval,
    double announceJitter,
    double missedAnnounces,
    Handouts handout,
    Limits limits,
    Service service,
    TrackerClientSettings client) {

  /** What an announce may get. */
  public record Handouts(int defaultPeers, int maxPeers, int maxProxies, double seedShare) {
    /** More would not fit the messages between tracker nodes, see the slices of an announce. */
    static final int LARGEST = 500;

    public Handouts {
      Require.between("handout.max-peers", maxPeers, 1, LARGEST);
      Require.between("handout.default-peers", defaultPeers, 0, maxPeers);
      Require.between("handout.max-proxies", maxProxies, 0, maxPeers);
      Require.between("handout.seed-share", seedShare, 0, 1);
    }
  }

  /** Bounds on the tracker's memory. */
  record Limits(
      int swarms,
      int peersPerSwarm,
      int peersPerAddress,
      int entries,
      int aliases,
      Duration aliasLifetime) {
    Limits {
      Require.between("limits.swarms", swarms, 1, Integer.MAX_VALUE);
      Require.between("limits.peers-per-swarm", peersPerSwarm, 1, Integer.MAX_VALUE);
      Require.between("limits.peers-per-address", peersPerAddress, 1, Integer.MAX_VALUE);
      Require.between("limits.entries", entries, 1, Integer.MAX_VALUE);
      Require.between("limits.aliases", aliases, 0, Integer.MAX_VALUE);
      Require.positive("limits.alias-lifetime", aliasLifetime);
    }
  }

  /** How the HTTP side treats requests. */
  record Service(
      boolean trustAnnouncedAddress,
      Duration askTimeout,
      int singletonBuffer,
      Duration retryInterval,
      int maxRequestBytes,
      int maxSwarmsPerRequest,
      Duration bodyTimeout) {
    /** Six values a swarm stay below the decoder's bound on values in one message. */
    static final int MOST_SWARMS = 15_000;

    Service {
      Require.positive("ask-timeout", askTimeout);
      Require.between("singleton-buffer", singletonBuffer, 0, 10_000);
      Require.positive("retry-interval", retryInterval);
      Require.between("max-request-bytes", maxRequestBytes, 1024, Integer.MAX_VALUE);
      Require.between("max-swarms-per-request", maxSwarmsPerRequest, 1, MOST_SWARMS);
      Require.positive("body-timeout", bodyTimeout);
    }
  }

  public TrackerSettings {
    Require.atLeast("announce-interval", announceInterval, Duration.ofSeconds(1));
    Require.atLeast("foreign-announce-interval", foreignAnnounceInterval, Duration.ofSeconds(1));
    Require.between("announce-jitter", announceJitter, 0, 0.5);
    Require.between("missed-announces", missedAnnounces, 1.5, 100);
  }

  /**
   * Reads {@code layercast.tracker} of a loaded configuration.
   *
   * @throws IllegalArgumentException naming the key whose value is out of bounds
   */
  public static TrackerSettings from(Config root) {
    Config config = root.getConfig("layercast.tracker");
    Config handout = config.getConfig("handout");
    Config limits = config.getConfig("limits");
    return new TrackerSettings(
        config.getDuration("announce-interval"),
        config.getDuration("foreign-announce-interval"),
        config.getDouble("announce-jitter"),
        config.getDouble("missed-announces"),
        new Handouts(
            handout.getInt("default-peers"),
            handout.getInt("max-peers"),
            handout.getInt("max-proxies"),
            handout.getDouble("seed-share")),
        new Limits(
            limits.getInt("swarms"),
            limits.getInt("peers-per-swarm"),
            limits.getInt("peers-per-address"),
            limits.getInt("entries"),
            limits.getInt("aliases"),
            limits.getDuration("alias-lifetime")),
        new Service(
            config.getBoolean("trust-announced-address"),
            config.getDuration("ask-timeout"),
            config.getInt("singleton-buffer"),
            config.getDuration("retry-interval"),
            Require.intBytes(config, "max-request-bytes"),
            config.getInt("max-swarms-per-request"),
            config.getDuration("body-timeout")),
        TrackerClientSettings.from(config));
  }

  /** How long a peer of ours stays listed without a word. */
  Duration forgetAfter() {
    return scaled(announceInterval);
  }

  /** The same for a standard client. */
  Duration forgetForeignAfter() {
    return scaled(foreignAnnounceInterval);
  }

  private Duration scaled(Duration interval) {
    return Duration.ofMillis(Math.round(interval.toMillis() * missedAnnounces));
  }
}
