package io.layercast.bootstrap;

import com.typesafe.config.Config;
import io.layercast.bootstrap.node.ProxyRole;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code layercast proxy}. */
@Command(
    name = "proxy",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Run a proxy: fetches each layer from the origin once and seeds it.")
final class ProxyCommand implements Callable<Integer> {
  @Option(
      names = "--api-address",
      paramLabel = "HOST:PORT",
      description = "Where agents ask (default: 0.0.0.0:5005).")
  private Optional<String> apiAddress = Optional.empty();

  @Option(
      names = "--peer-address",
      paramLabel = "HOST:PORT",
      description = "Where peers connect (default: 0.0.0.0:6882).")
  private Optional<String> peerAddress = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where layers are kept (default: /p2p_proxy_data).")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--tracker",
      paramLabel = "URL",
      description = "A tracker, http://HOST:6969; repeat for more.")
  private List<String> trackers = List.of();

  @Mixin private OriginOptions origin = new OriginOptions();
  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private RateOptions rates = new RateOptions();
  @Mixin private RunOptions run = new RunOptions();

  @Override
  public Integer call() throws Exception {
    Config config = configuration();
    return Lifetime.run("proxy", run, () -> ProxyRole.start(config));
  }

  private Config configuration() throws IOException {
    Configuration configuration =
        new Configuration()
            .option("layercast.bootstrap.proxy.api-address", apiAddress)
            .option("layercast.bootstrap.proxy.peer-address", peerAddress)
            .option("layercast.bootstrap.proxy.data", data.map(Path::toString))
            .options("layercast.tracker.client.addresses", TrackerUrl.addresses(trackers));
    return run.load(rates.addTo(cluster.addTo(origin.addTo(configuration)), "proxy"));
  }
}
