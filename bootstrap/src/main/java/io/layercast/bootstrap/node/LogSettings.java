package io.layercast.bootstrap.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.util.List;
import java.util.Locale;

/**
 * {@code layercast.bootstrap.log}.
 *
 * @param level as Logback names it, in lower case
 * @param format {@code text} or {@code json}
 */
public record LogSettings(String level, String format) {
  private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");
  private static final List<String> FORMATS = List.of("text", "json");

  /**
   * Reads it of a whole configuration.
   *
   * @throws ConfigException naming key and value of what is none
   */
  public static LogSettings from(Config root) {
    Config log = root.getConfig("layercast.bootstrap.log");
    return new LogSettings(oneOf(log, "level", LEVELS), oneOf(log, "format", FORMATS));
  }

  /** Whether the libraries are to tell all too, Akka among them, which asks its own level first. */
  public boolean isTrace() {
    return level.equals("trace");
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
