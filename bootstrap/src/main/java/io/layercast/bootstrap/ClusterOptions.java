package io.layercast.bootstrap;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a member of the cluster (proxy, tracker) is told. */
final class ClusterOptions {
  @Option(
      names = "--cluster-address",
      paramLabel = "HOST:PORT",
      description = "Where other members reach this one (default: 127.0.0.1:2551).")
  private Optional<String> address = Optional.empty();

  @Option(
      names = "--contact-point",
      paramLabel = "HOST:PORT",
      description =
          "The --management of a member, this one included; repeat for all, the same list"
              + " everywhere.")
  private List<String> contactPoints = List.of();

  @Option(
      names = "--cluster-key",
      paramLabel = "FILE",
      description = "The secret all proxies and trackers share, at least 32 bytes.")
  private Optional<Path> key = Optional.empty();

  @Mixin private ManagementOption management = new ManagementOption();

  Configuration addTo(Configuration configuration) {
    return management
        .addTo(configuration)
        .option("layercast.bootstrap.cluster.address", address)
        .options("layercast.bootstrap.cluster.contact-points", contactPoints)
        .option("layercast.bootstrap.cluster.key-file", key.map(Path::toString));
  }
}
