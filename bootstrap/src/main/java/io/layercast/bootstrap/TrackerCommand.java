package io.layercast.bootstrap;

import com.typesafe.config.Config;
import io.layercast.bootstrap.node.TrackerRole;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code layercast tracker}. */
@Command(
    name = "tracker",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Run a tracker: knows which peers are in which swarm.")
final class TrackerCommand implements Callable<Integer> {
  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where peers announce (default: 0.0.0.0:6969).")
  private Optional<String> listen = Optional.empty();

  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private RunOptions run = new RunOptions();

  @Override
  public Integer call() throws Exception {
    Config config = configuration();
    return Lifetime.run("tracker", run, () -> TrackerRole.start(config));
  }

  private Config configuration() throws IOException {
    return run.load(
        cluster.addTo(new Configuration().option("layercast.bootstrap.tracker.listen", listen)));
  }
}
