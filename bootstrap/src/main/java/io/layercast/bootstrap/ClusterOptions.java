package io.layercast.bootstrap;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a member of the cluster (proxy, tracker) is told. */
final class ClusterOptions {
  @Option(
      names = "--cluster-address",
      paramLabel = "HOST:PORT",
      description = "Where other members reach this one (default: 127.0.0.1:2551).")
  private Optional<String> address = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "HOST:PORT",
      description = "A member to join; repeat for more, the same list everywhere.")
  private List<String> seeds = List.of();

  @Option(
      names = "--cluster-key",
      paramLabel = "FILE",
      description = "The secret all proxies and trackers share, at least 32 bytes.")
  private Optional<Path> key = Optional.empty();

  @Option(
      names = "--management",
      paramLabel = "HOST:PORT",
      description = "Health and cluster state over HTTP (default: off; usually port 8558).")
  private Optional<String> management = Optional.empty();

  Configuration addTo(Configuration configuration) {
    return configuration
        .option("layercast.bootstrap.cluster.address", address)
        .options("layercast.bootstrap.cluster.seeds", seeds)
        .option("layercast.bootstrap.cluster.key-file", key.map(Path::toString))
        .option("layercast.bootstrap.management", management);
  }
}
