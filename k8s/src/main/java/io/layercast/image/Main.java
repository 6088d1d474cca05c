package io.layercast.image;

import picocli.CommandLine;

/** What {@code ./layercast image} runs. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new ImageCommand())
        .setUsageHelpAutoWidth(true)
        .setExecutionExceptionHandler((failure, command, _) -> {
          command.getErr().println("layercast: " + failure.getMessage());
          return CommandLine.ExitCode.SOFTWARE;
        });
  }
}
