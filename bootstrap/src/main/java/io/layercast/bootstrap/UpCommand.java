package io.layercast.bootstrap;

import com.typesafe.config.Config;
import io.layercast.bootstrap.node.AllRoles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code layercast up}: all three roles in one process, for one machine. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Run agent, proxy and tracker in one process in front of one registry:",
      "localhost:5004/<repository>:<tag> is then <origin>/<repository>:<tag>."
    })
final class UpCommand implements Callable<Integer> {
  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where runtimes pull (default: localhost:5004, on 127.0.0.1 and ::1).")
  private Optional<String> listen = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where layers are kept (default: .layercast/data in your home folder).")
  private Optional<Path> data = Optional.empty();

  @Mixin private OriginOptions origin = new OriginOptions();
  @Mixin private ManagementOption management = new ManagementOption();
  @Mixin private RateOptions rates = new RateOptions();
  @Mixin private RunOptions run = new RunOptions();

  @Override
  public Integer call() throws Exception {
    Config config = configuration();
    return Lifetime.run("up", run, () -> AllRoles.start(config));
  }

  private Config configuration() throws IOException {
    Path folder =
        data.orElseGet(() -> Path.of(System.getProperty("user.home"), ".layercast", "data"));
    Configuration configuration =
        new Configuration()
            // Everything but the peers' ports stays on this machine.
            .preset("layercast.bootstrap.proxy.api-address", "127.0.0.1:5005")
            .preset("layercast.bootstrap.proxy.peer-address", "127.0.0.1:6882")
            .preset("layercast.bootstrap.agent.peer-address", "127.0.0.1:6881")
            .preset("layercast.bootstrap.tracker.listen", "127.0.0.1:6969")
            .preset("layercast.bootstrap.cluster.address", "127.0.0.1:0")
            .option("layercast.bootstrap.agent.listen", listen)
            .option(
                "layercast.bootstrap.agent.data", Optional.of(folder.resolve("agent").toString()))
            .option(
                "layercast.bootstrap.proxy.data", Optional.of(folder.resolve("proxy").toString()));
    // What enters this machine enters at the proxy; from there to the agent is within the process.
    return run.load(rates.addTo(management.addTo(origin.addTo(configuration)), "proxy"));
  }
}
