package io.layercast.bootstrap;

import io.layercast.bootstrap.demo.Demo;
import io.layercast.bootstrap.demo.DemoSettings;
import io.layercast.bootstrap.node.DataSize;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code layercast demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Start an origin with a made-up image, a tracker, two proxies and agents on this machine,",
      "pull the image on all agents at once, and tell how it went."
    })
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--agents",
      defaultValue = "4",
      description = "How many agents (default: ${DEFAULT-VALUE}).")
  private int agents;

  @Option(
      names = "--size",
      defaultValue = "512MiB",
      description = "About how big the image is (default: ${DEFAULT-VALUE}).")
  private DataSize size = new DataSize(0);

  @Option(
      names = "--once",
      description =
          "Exit after the pull: 0 if every agent has every byte and the origin sent at most 1.01"
              + " copies.")
  private boolean once;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Option(
      names = "--port",
      defaultValue = "5004",
      description =
          "Port of the first agent's registry on localhost, 0 for any (default:"
              + " ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--download-rate",
      defaultValue = "0",
      converter = RateConverter.class,
      description = "Limit of each agent, for example 40MB/s; 0 is unlimited (the default).")
  private DataSize downloadRate = new DataSize(0);

  @Override
  public Integer call() throws IOException, InterruptedException {
    DemoSettings settings =
        new DemoSettings(agents, size.bytes(), once, json, port, downloadRate.bytes());
    return new Demo(settings, System.out, System.err).run() ? 0 : 1;
  }
}
