package io.layercast.bootstrap;

import com.typesafe.config.Config;
import io.layercast.bootstrap.node.AgentRole;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code layercast agent}. */
@Command(
    name = "agent",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Run the agent of a node: the registry that container runtimes here pull from.")
final class AgentCommand implements Callable<Integer> {
  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where runtimes pull (default: localhost:5004, on 127.0.0.1 and ::1).")
  private Optional<String> listen = Optional.empty();

  @Option(
      names = "--peer-address",
      paramLabel = "HOST:PORT",
      description = "Where peers connect (default: 0.0.0.0:6881).")
  private Optional<String> peerAddress = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where layers are kept (default: /p2p_agent_data).")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--proxy",
      paramLabel = "HOST:PORT",
      description = "A proxy's API; repeat for more, the first is preferred.")
  private List<String> proxies = List.of();

  @Option(
      names = "--tracker",
      paramLabel = "URL",
      description = "A tracker, http://HOST:6969; repeat for more.")
  private List<String> trackers = List.of();

  @Mixin private ManagementOption management = new ManagementOption();
  @Mixin private RateOptions rates = new RateOptions();
  @Mixin private RunOptions run = new RunOptions();

  @Override
  public Integer call() throws Exception {
    Config config = configuration();
    return Lifetime.run("agent", run, () -> AgentRole.start(config));
  }

  private Config configuration() throws IOException {
    Configuration configuration =
        new Configuration()
            .option("layercast.bootstrap.agent.listen", listen)
            .option("layercast.bootstrap.agent.peer-address", peerAddress)
            .option("layercast.bootstrap.agent.data", data.map(Path::toString))
            .options("layercast.registry.proxies.addresses", proxies)
            .options("layercast.tracker.client.addresses", TrackerUrl.addresses(trackers));
    return run.load(rates.addTo(management.addTo(configuration), "agent"));
  }
}
