package io.layercast.bootstrap;

import com.typesafe.config.ConfigException;
import io.layercast.bootstrap.node.DataSize;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code layercast}: the command line's root. Exit codes: 0 done, 1 failed, 2 not understood. */
@Command(
    name = "layercast",
    description = "Peer-to-peer accelerator for container images.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class LayercastCommand implements Callable<Integer> {
  private static final List<Class<?>> COMMANDS =
      List.of(
          DemoCommand.class,
          UpCommand.class,
          AgentCommand.class,
          ProxyCommand.class,
          TrackerCommand.class,
          ManifestsCommand.class,
          Image.class,
          Verify.class,
          Bench.class,
          Simulate.class,
          DemoOriginCommand.class,
          OwnFolderCommand.class,
          KeysCommand.class,
          RehearseCommand.class);

  @Spec private CommandSpec spec = CommandSpec.create();

  /**
   * The commands as {@code arguments} need them: the one that they begin with, else all, whose
   * making is a tenth of a node's start.
   */
  static CommandLine commandLine(String... arguments) {
    List<Class<?>> named =
        COMMANDS.stream()
            .filter(command -> arguments.length > 0 && arguments[0].equals(name(command)))
            .toList();
    CommandLine root = new CommandLine(new LayercastCommand());
    (named.isEmpty() ? COMMANDS : named).forEach(root::addSubcommand);
    return root.registerConverter(DataSize.class, DataSize::parse)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionExceptionHandler((failure, command, _) -> {
          report(failure, command);
          return CommandLine.ExitCode.SOFTWARE;
        });
  }

  private static String name(Class<?> command) {
    return command.getAnnotation(Command.class).name();
  }

  /** What went wrong outside is told in one line; what is our own fault, with its trace. */
  private static void report(Exception failure, CommandLine command) {
    if (failure instanceof IOException
        || failure instanceof IllegalArgumentException
        || failure instanceof ConfigException) {
      command.getErr().println("layercast: " + failure.getMessage());
    } else {
      failure.printStackTrace(command.getErr());
    }
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }

  /** Listed here, done by the script, which has Maven and the packages in hand. */
  @Command(
      name = "verify",
      description = "Install what the tests need and lacks, then build and run all tests.")
  static final class Verify implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
      throw new IOException("verify is run by the script ./layercast in a source tree");
    }
  }

  /** As {@link Verify}: what it is made with has no place in the image. */
  @Command(
      name = "image",
      description = "Make Layercast's container image, in a registry or as a file.")
  static final class Image implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
      throw new IOException("image is run by the script ./layercast in a source tree");
    }
  }

  /** As {@link Verify}. */
  @Command(
      name = "bench",
      description =
          "Measures, beside rivals in the same run: 'bench --help' lists what. 'bench latency' is how"
              + " long pulls take, 'bench wire' what moving a layer costs two agents.")
  static final class Bench implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
      throw new IOException("bench is run by the script ./layercast in a source tree");
    }
  }

  /** As {@link Verify}. */
  @Command(
      name = "simulate",
      description = "Runs the production policies for a whole fleet in virtual time.")
  static final class Simulate implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
      throw new IOException("simulate is run by the script ./layercast in a source tree");
    }
  }
}
