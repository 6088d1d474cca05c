package io.layercast.bootstrap;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValueFactory;
import io.layercast.bootstrap.node.KnownKeys;
import io.layercast.bootstrap.node.LiveLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Puts the configuration of a process together. What comes first wins: the command line's options,
 * environment variables, the {@code --config} file, {@code layercast.conf} in the {@code
 * --config-folder}, what the role presets, our settings of Akka, every module's {@code
 * reference.conf} (whose order among themselves is the class path's, so none may override another).
 */
final class Configuration {
  private static final String ROOT = "layercast";
  private static final String ENVIRONMENT_PREFIX = "LAYERCAST_";

  /** Where {@code layercast.conf} is mounted; only an option or the environment can say it. */
  private static final String FOLDER = "layercast.bootstrap.config-folder";

  private static final String HTTP_PROXY = "layercast.registry.origin.http-proxy";
  private static final String HTTPS_PROXY = "layercast.registry.origin.https-proxy";
  private static final String NO_PROXY = "layercast.registry.origin.no-proxy";

  private final Map<String, Object> options = new LinkedHashMap<>();
  private final Map<String, Object> presets = new LinkedHashMap<>();

  /** Sets {@code key} (a full path) to what the command line said, if it said anything. */
  <T> Configuration option(String key, Optional<T> value) {
    value.ifPresent(given -> options.put(key, given));
    return this;
  }

  /** Sets {@code key} to what the command line said, if it said anything. */
  Configuration options(String key, List<String> values) {
    if (!values.isEmpty()) {
      options.put(key, values);
    }
    return this;
  }

  /** Sets what this role needs other than the reference says. */
  Configuration preset(String key, Object value) {
    presets.put(key, value);
    return this;
  }

  /**
   * The whole, resolved.
   *
   * @param file of {@code --config}
   * @throws IOException when the file cannot be read
   * @throws ConfigException when it is not HOCON, or sets a key of ours that does not exist
   */
  Config load(Optional<Path> file, Map<String, String> environment) throws IOException {
    Config reference = ConfigFactory.defaultReferenceUnresolved();
    Config first = of(options).withFallback(of(fromEnvironment(environment, reference)));
    Config given = file.isPresent() ? parse(file.get(), reference) : ConfigFactory.empty();
    String folder = first.hasPath(FOLDER) ? first.getString(FOLDER) : "";
    Config mounted =
        folder.isEmpty()
            ? ConfigFactory.empty()
            : parse(Path.of(folder, LiveLimits.FILE), reference);
    return first
        .withFallback(given)
        .withFallback(mounted)
        .withFallback(of(presets))
        .withFallback(ConfigFactory.defaultOverrides())
        .withFallback(ConfigFactory.parseResources(Configuration.class, "akka.conf"))
        .withFallback(reference)
        .resolve();
  }

  private static Config parse(Path file, Config reference) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException("cannot read the configuration file " + file);
    }
    Config parsed =
        ConfigFactory.parseFile(
            file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
    KnownKeys.check(parsed, reference);
    return parsed;
  }

  private static Config of(Map<String, Object> values) {
    Config config = ConfigFactory.empty();
    for (Map.Entry<String, Object> entry : values.entrySet()) {
      config = config.withValue(entry.getKey(), ConfigValueFactory.fromAnyRef(entry.getValue()));
    }
    return config;
  }

  /** Each key of ours whose variable is set. A list is written with commas. */
  private static Map<String, Object> fromEnvironment(
      Map<String, String> environment, Config reference) {
    Map<String, Object> values = new LinkedHashMap<>();
    // What every tool on a machine behind a forward proxy goes by; ours below win over it.
    putFirst(values, HTTP_PROXY, environment, "HTTP_PROXY", "http_proxy");
    putFirst(values, HTTPS_PROXY, environment, "HTTPS_PROXY", "https_proxy");
    putFirst(values, NO_PROXY, environment, "NO_PROXY", "no_proxy");
    reference
        .getConfig(ROOT)
        .entrySet()
        .forEach(entry -> {
          String value = environment.get(variable(entry.getKey()));
          if (value != null) {
            boolean isList = entry.getValue().unwrapped() instanceof List;
            values.put(
                ROOT + "." + entry.getKey(),
                isList ? List.of(value.split("\\s*,\\s*", -1)) : value);
          }
        });
    return values;
  }

  private static void putFirst(
      Map<String, Object> values, String key, Map<String, String> environment, String... names) {
    for (String name : names) {
      String value = environment.get(name);
      if (value != null && !value.isEmpty()) {
        values.put(key, value);
        return;
      }
    }
  }

  /** The environment variable that overrides {@code layercast.<key>}. */
  static String variable(String key) {
    return ENVIRONMENT_PREFIX + key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }
}
