package io.layercast.engine;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/**
 * {@code layercast.engine} of the configuration, read once and checked; reference.conf says what
 * each key does.
 */
public record EngineSettings(Layer layer, Ingest ingest, Agent agent) {

  /** Of the sharded actor. */
  public record Layer(
      String role,
      Duration openTimeout,
      Duration openRepeat,
      Duration holdersTimeout,
      Duration idleTimeout,
      Duration failureMemory) {}

  /** Of the fetch from the origin. */
  public record Ingest(
      int connections,
      int piecesPerRange,
      int tries,
      Duration minBackoff,
      Duration maxBackoff,
      Duration stallTimeout,
      long stallBytes,
      Duration longestRetryAfter,
      Duration takeOverGrace,
      Duration peerPatience) {}

  /** Of an agent's downloads. */
  public record Agent(
      Duration progressTimeout,
      Duration verdictTimeout,
      Duration minReopenBackoff,
      Duration maxReopenBackoff,
      int tries,
      int fallbackPieces) {}

  /** Where an actor finds the dispatcher for hashing and files. */
  public static final String DISK_DISPATCHER = "layercast.engine.disk-dispatcher";

  /**
   * @param config the whole configuration
   * @throws ConfigException naming key and value when one is missing or out of its bounds
   */
  public static EngineSettings from(Config config) {
    Config layer = config.getConfig("layercast.engine.layer");
    Config ingest = config.getConfig("layercast.engine.ingest");
    Config agent = config.getConfig("layercast.engine.agent");
    return new EngineSettings(
        new Layer(
            layer.getString("role"),
            positive(layer, "open-timeout"),
            positive(layer, "open-repeat"),
            positive(layer, "holders-timeout"),
            positive(layer, "idle-timeout"),
            positive(layer, "failure-memory")),
        new Ingest(
            atLeastOne(ingest, "connections"),
            atLeastOne(ingest, "pieces-per-range"),
            atLeastOne(ingest, "tries"),
            positive(ingest, "min-backoff"),
            positive(ingest, "max-backoff"),
            positive(ingest, "stall-timeout"),
            atLeastOneByte(ingest, "stall-bytes"),
            positive(ingest, "longest-retry-after"),
            positive(ingest, "take-over-grace"),
            positive(ingest, "peer-patience")),
        new Agent(
            positive(agent, "progress-timeout"),
            positive(agent, "verdict-timeout"),
            positive(agent, "min-reopen-backoff"),
            positive(agent, "max-reopen-backoff"),
            atLeastOne(agent, "tries"),
            atLeastOne(agent, "fallback-pieces")));
  }

  private static Duration positive(Config config, String key) {
    Duration value = config.getDuration(key);
    if (value.isZero() || value.isNegative()) {
      throw new ConfigException.BadValue(
          config.getValue(key).origin(), key, "must be longer than nothing, is " + value);
    }
    return value;
  }

  private static long atLeastOneByte(Config config, String key) {
    long value = config.getBytes(key);
    if (value < 1) {
      throw new ConfigException.BadValue(
          config.getValue(key).origin(), key, "must be at least a byte, is " + value);
    }
    return value;
  }

  private static int atLeastOne(Config config, String key) {
    int value = config.getInt(key);
    if (value < 1) {
      throw new ConfigException.BadValue(
          config.getValue(key).origin(), key, "must be at least 1, is " + value);
    }
    return value;
  }
}
