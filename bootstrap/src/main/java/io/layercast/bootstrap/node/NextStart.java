package io.layercast.bootstrap.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.layercast.engine.EngineSettings;
import io.layercast.engine.PieceBudget;
import io.layercast.engine.store.SpaceSettings;
import io.layercast.engine.store.StoreSettings;
import io.layercast.registry.RegistrySettings;
import io.layercast.swarm.SwarmSettings;
import io.layercast.tracker.TrackerSettings;

/**
 * Whether a process could start with an edited {@code layercast.conf}. What is read at start only
 * is looked at while it runs, too: a mistake is told to whoever made it, not at some later restart
 * of every node at once.
 */
final class NextStart {
  private NextStart() {}

  /**
   * Reads all settings as a start does. What {@code edited} no longer has stays as it is in {@code
   * running}.
   *
   * @throws ConfigException naming a key that does not exist, or key and value of what is wrong
   * @throws IllegalArgumentException naming key and value of what is out of its bounds
   */
  static void check(Config edited, Config running) {
    KnownKeys.check(edited, running);
    Config next = edited.withFallback(running);
    LogSettings.from(next);
    BootstrapSettings.from(next);
    RegistrySettings.from(next);
    TrackerSettings.from(next);
    SwarmSettings.from(next);
    EngineSettings.from(next);
    PieceBudget.from(next);
    StoreSettings.from(next);
    SpaceSettings.from(next);
  }
}
