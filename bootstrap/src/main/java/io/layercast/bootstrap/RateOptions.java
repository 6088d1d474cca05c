package io.layercast.bootstrap;

import io.layercast.bootstrap.node.DataSize;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The two limits of a node. */
final class RateOptions {
  @Option(
      names = "--download-rate",
      paramLabel = "RATE",
      converter = RateConverter.class,
      description = "Layer bytes this node takes in, for example 100MB/s; 0 is unlimited.")
  private Optional<DataSize> download = Optional.empty();

  @Option(
      names = "--upload-rate",
      paramLabel = "RATE",
      converter = RateConverter.class,
      description = "Layer bytes this node gives to others, for example 100MB/s; 0 is unlimited.")
  private Optional<DataSize> upload = Optional.empty();

  Configuration addTo(Configuration configuration, String role) {
    String prefix = "layercast.bootstrap." + role;
    return configuration
        .option(prefix + ".download-rate", download.map(DataSize::bytes))
        .option(prefix + ".upload-rate", upload.map(DataSize::bytes));
  }
}
