package io.layercast.load;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./layercast bench}: measurements against running processes. */
@Command(
    name = "bench",
    description = "Measures, with real processes on this machine.",
    mixinStandardHelpOptions = true,
    subcommands = {BenchPull.class, BenchWire.class, BenchFootprint.class, BenchTracker.class})
public final class Bench {
  private Bench() {}

  /** Exit code 0 only when the measurement was made. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Bench()).execute(arguments));
  }
}
