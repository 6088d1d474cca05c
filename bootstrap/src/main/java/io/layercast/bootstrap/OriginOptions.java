package io.layercast.bootstrap;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The registry behind a proxy and how far to trust it. */
final class OriginOptions {
  @Option(
      names = "--origin",
      required = true,
      paramLabel = "URL",
      description = "The registry behind, for example https://registry.example.com.")
  private String origin = "";

  @Option(
      names = "--origin-ca",
      paramLabel = "FILE",
      description =
          "Certificates (PEM) of the authority that signed the origin's, beside the usual.")
  private Optional<Path> ca = Optional.empty();

  @Option(
      names = "--insecure-origin",
      description = "Take any certificate the origin shows: only for trying things out.")
  private boolean insecure;

  Configuration addTo(Configuration configuration) {
    return configuration
        .option("layercast.registry.origin.url", Optional.of(origin))
        .option("layercast.registry.origin.ca-file", ca.map(Path::toString))
        .option(
            "layercast.registry.origin.insecure", insecure ? Optional.of(true) : Optional.empty());
  }
}
