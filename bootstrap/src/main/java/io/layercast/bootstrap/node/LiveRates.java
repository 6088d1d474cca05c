package io.layercast.bootstrap.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueType;
import io.layercast.engine.rate.RateLimiter;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a {@code layercast.conf} says of the two limits, in bytes per second, 0 for unlimited; empty
 * where it is silent.
 */
record LiveRates(OptionalLong download, OptionalLong upload) {
  static final LiveRates SILENT = new LiveRates(OptionalLong.empty(), OptionalLong.empty());

  private static final String DOWNLOAD = "downloadRate";
  private static final String UPLOAD = "uploadRate";

  /** What else may stand at the top of the file: keys that a process reads at its start. */
  private static final Set<String> OTHERS = Set.of("layercast", "akka");

  /**
   * The rates in {@code text}.
   *
   * @throws ConfigException naming key and value when it is not HOCON, has a key that does not
   *     exist or a rate that is none
   */
  static LiveRates parse(String text) {
    Config config = ConfigFactory.parseString(text).resolve();
    for (String key : config.root().keySet()) {
      if (!key.equals(DOWNLOAD) && !key.equals(UPLOAD) && !OTHERS.contains(key)) {
        throw new ConfigException.BadPath(
            config.root().get(key).origin(), key, "there is no such key");
      }
    }
    return new LiveRates(find(config, DOWNLOAD), find(config, UPLOAD));
  }

  private static OptionalLong find(Config config, String key) {
    return config.root().containsKey(key)
        ? OptionalLong.of(rate(config, key))
        : OptionalLong.empty();
  }

  /**
   * The rate at {@code key}, {@code 100MB/s} or a number of bytes a second.
   *
   * @throws ConfigException.BadValue naming key and value when it is none
   */
  static long rate(Config config, String key) {
    var value = config.getValue(key);
    String text = String.valueOf(value.unwrapped());
    if (value.valueType() != ConfigValueType.STRING
        && value.valueType() != ConfigValueType.NUMBER) {
      throw new ConfigException.BadValue(value.origin(), key, "'" + text + "' is not a rate");
    }
    try {
      long bytesPerSecond = DataSize.parseRate(text).bytes();
      RateLimiter.checkRate(bytesPerSecond);
      return bytesPerSecond;
    } catch (IllegalArgumentException e) {
      throw new ConfigException.BadValue(
          value.origin(), key, "cannot be '%s': %s".formatted(text, e.getMessage()), e);
    }
  }
}
