package io.layercast.engine.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;

/**
 * How much of a disk a store may take: {@code layercast.engine.store.space}; reference.conf says
 * what each key does.
 *
 * @param quotaBytes 0 for none
 */
public record SpaceSettings(
    long quotaBytes,
    int quotaHighPercent,
    int quotaLowPercent,
    int freeLowPercent,
    int freeHighPercent,
    int freeFloorPercent,
    Duration idle,
    Duration interval,
    long manifestsBytes) {
  private static final String PATH = "layercast.engine.store.space";

  /**
   * @param config the whole configuration
   * @throws ConfigException naming key and value when one is missing or out of its bounds
   */
  public static SpaceSettings from(Config config) {
    Config space = config.getConfig(PATH);
    int quotaHigh = percent(space, "quota-high-percent", 1, 100);
    int freeHigh = percent(space, "free-high-percent", 0, 99);
    int freeLow = percent(space, "free-low-percent", 0, freeHigh);
    return new SpaceSettings(
        space.getBytes("quota"),
        quotaHigh,
        percent(space, "quota-low-percent", 0, quotaHigh),
        freeLow,
        freeHigh,
        percent(space, "free-floor-percent", 0, freeLow),
        positive(space, "idle"),
        positive(space, "check-interval"),
        space.getBytes("manifests-limit"));
  }

  /** What {@code reference.conf} says. */
  static SpaceSettings defaults() {
    return from(ConfigFactory.defaultReference(SpaceSettings.class.getClassLoader()));
  }

  private static int percent(Config config, String key, int least, int most) {
    int value = config.getInt(key);
    if (value < least || value > most) {
      throw new ConfigException.BadValue(
          config.getValue(key).origin(),
          key,
          "must be from %d to %d, is %d".formatted(least, most, value));
    }
    return value;
  }

  private static Duration positive(Config config, String key) {
    Duration value = config.getDuration(key);
    if (value.isZero() || value.isNegative()) {
      throw new ConfigException.BadValue(
          config.getValue(key).origin(), key, "must be longer than nothing, is " + value);
    }
    return value;
  }
}
