package io.layercast.bootstrap;

import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a role says how it is. */
final class ManagementOption {
  @Option(
      names = "--management",
      paramLabel = "HOST:PORT",
      description = "Health and cluster state over HTTP (default: off; usually port 8558).")
  private Optional<String> address = Optional.empty();

  Configuration addTo(Configuration configuration) {
    return configuration.option("layercast.bootstrap.management", address);
  }
}
