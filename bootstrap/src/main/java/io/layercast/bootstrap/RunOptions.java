package io.layercast.bootstrap;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.layercast.bootstrap.node.LogSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What every role's command understands. */
final class RunOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A HOCON or JSON file with keys of layercast { … }; options override it.")
  Optional<Path> config = Optional.empty();

  @Option(
      names = "--config-folder",
      paramLabel = "DIR",
      description =
          "A folder with layercast.conf, whose downloadRate and uploadRate hold from the moment"
              + " they are edited; for example a mounted ConfigMap.")
  Optional<Path> configFolder = Optional.empty();

  @Option(
      names = "--metrics",
      paramLabel = "HOST:PORT",
      description = "Where Prometheus reads /metrics (default: off; usually port 9404).")
  Optional<String> metrics = Optional.empty();

  @Option(names = "--json", description = "Say where it listens as one line of JSON.")
  boolean json;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "error, warn, info (default), debug or trace.")
  Optional<String> logLevel = Optional.empty();

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = "text (default) or json, on standard error.")
  Optional<String> logFormat = Optional.empty();

  @Option(
      names = "--until-input-closes",
      hidden = true,
      description = "End when standard input does, so as not to outlive whoever started us.")
  boolean untilInputCloses;

  /** The configuration of a role whose own options are in {@code configuration}. */
  Config load(Configuration configuration) throws IOException {
    Config loaded =
        configuration
            .option("layercast.bootstrap.config-folder", configFolder.map(Path::toString))
            .option("layercast.bootstrap.metrics", metrics)
            .option("layercast.bootstrap.log.level", logLevel)
            .option("layercast.bootstrap.log.format", logFormat)
            .load(config, System.getenv());
    LogSettings log = LogSettings.from(loaded);
    Logging.configure(log);
    return log.isTrace()
        ? loaded.withValue("akka.loglevel", ConfigValueFactory.fromAnyRef("DEBUG"))
        : loaded;
  }
}
