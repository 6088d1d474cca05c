package io.layercast.bootstrap;

import com.typesafe.config.Config;
import io.layercast.bootstrap.demo.Rehearsal;
import io.layercast.bootstrap.node.DataSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a JVM that is to write the start-up caches (docs/adr/0021) is told to run. */
@Command(
    name = "rehearse",
    hidden = true,
    description = "Pull a small image through every role, then end.")
final class RehearseCommand implements Callable<Integer> {
  @Option(names = "--size", defaultValue = "256MiB")
  private DataSize size = new DataSize(0);

  @Option(names = "--agent-cache", required = true)
  private Path agentCache = Path.of("");

  @Mixin private RunOptions run = new RunOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    new Rehearsal(this::load, agentCache).run(size.bytes());
    return 0;
  }

  private Config load(Map<String, Object> keys) throws IOException {
    Configuration configuration = new Configuration();
    keys.forEach(configuration::preset);
    return run.load(configuration);
  }
}
