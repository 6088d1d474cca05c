package io.layercast.tracker;

import com.typesafe.config.Config;
import java.time.Duration;

/** Bounds on settings; what is broken is named by its key. */
final class Require {
  private Require() {}

  static void between(String key, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw broken(key, value, "is not between " + least + " and " + most);
    }
  }

  static void positive(String key, Duration value) {
    atLeast(key, value, Duration.ofMillis(1));
  }

  static void atLeast(String key, Duration value, Duration least) {
    if (value.compareTo(least) < 0) {
      throw broken(key, value, "is shorter than " + least);
    }
  }

  /** The size at {@code key}, which must fit an int. */
  static int intBytes(Config config, String key) {
    long value = config.getBytes(key);
    between(key, (double) value, 1, Integer.MAX_VALUE);
    return (int) value;
  }

  static IllegalArgumentException broken(String key, Object value, String why) {
    return new IllegalArgumentException("layercast.tracker." + key + " = " + value + " " + why);
  }
}
