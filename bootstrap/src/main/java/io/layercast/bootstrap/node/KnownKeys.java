package io.layercast.bootstrap.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;

/** Which keys of {@code layercast { }} there are. */
public final class KnownKeys {
  private static final String ROOT = "layercast";

  private KnownKeys() {}

  /**
   * Lets pass only what some {@code reference.conf} has.
   *
   * @param known all of them, and no others of ours
   * @throws ConfigException naming the first key of ours in {@code given} that does not exist
   */
  public static void check(Config given, Config known) {
    if (!given.hasPath(ROOT)) {
      return;
    }
    given
        .getConfig(ROOT)
        .entrySet()
        .forEach(entry -> {
          String key = ROOT + "." + entry.getKey();
          if (!known.hasPathOrNull(key)) {
            throw new ConfigException.BadPath(
                entry.getValue().origin(), key, "there is no such key");
          }
        });
  }
}
