package io.layercast.engine.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

/**
 * The settings under {@code layercast.engine.store}.
 *
 * @param openBlobsMax how many blobs may have their files open at once, those in use excepted
 */
public record StoreSettings(int openBlobsMax) {
  private static final String PATH = "layercast.engine.store";

  public StoreSettings {
    if (openBlobsMax < 1) {
      throw new IllegalArgumentException(
          PATH + ".open-blobs-max is " + openBlobsMax + ", must be at least 1");
    }
  }

  public static StoreSettings from(Config config) {
    return new StoreSettings(config.getConfig(PATH).getInt("open-blobs-max"));
  }

  /** What {@code reference.conf} says. */
  static StoreSettings defaults() {
    return from(ConfigFactory.defaultReference(StoreSettings.class.getClassLoader()));
  }
}
