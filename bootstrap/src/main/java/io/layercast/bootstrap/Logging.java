package io.layercast.bootstrap;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.util.List;
import java.util.Locale;

/** Tells Logback what the configuration says, before the first logger is made. */
final class Logging {
  private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");
  private static final List<String> FORMATS = List.of("text", "json");

  private Logging() {}

  /**
   * @param log {@code layercast.bootstrap.log}
   */
  static void configure(Config log) {
    // logback.xml reads them as ${…}.
    System.setProperty("layercast.log.level", oneOf(log, "level", LEVELS));
    System.setProperty("layercast.log.libraries", isTrace(log) ? "trace" : "warn");
    System.setProperty("layercast.log.format", oneOf(log, "format", FORMATS));
  }

  /** Whether the libraries are to tell all too, Akka among them, which asks its own level first. */
  static boolean isTrace(Config log) {
    return log.getString("level").equalsIgnoreCase("trace");
  }

  private static String oneOf(Config log, String key, List<String> values) {
    String value = log.getString(key).toLowerCase(Locale.ROOT);
    if (!values.contains(value)) {
      throw new ConfigException.BadValue(
          log.getValue(key).origin(), key, "'" + value + "' is none of " + values);
    }
    return value;
  }
}
