package io.layercast.registry;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log which host cannot be reached and why: at once, and the same again once a minute at
 * most, as every pull that fails would say so. Thread-safe; remembers the last 64 hosts.
 */
final class OriginTrouble {
  private static final Logger LOG = LoggerFactory.getLogger(OriginTrouble.class);
  private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int MAX_HOSTS = 64;

  private record Told(String cause, long atNanos) {}

  private final Map<String, Told> byHost =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Told> eldest) {
          return size() > MAX_HOSTS;
        }
      };

  /**
   * @param host and port
   */
  void note(String host, String cause, long nowNanos) {
    if (isNews(host, cause, nowNanos)) {
      LOG.warn("tried to ask {}, but failed because {}", host, cause);
    }
  }

  /** Whether that was not said lately; it counts as said from now on. */
  synchronized boolean isNews(String host, String cause, long nowNanos) {
    Told told = byHost.get(host);
    if (told != null && told.cause().equals(cause) && nowNanos - told.atNanos() < QUIET_NANOS) {
      return false;
    }
    byHost.put(host, new Told(cause, nowNanos));
    return true;
  }
}
