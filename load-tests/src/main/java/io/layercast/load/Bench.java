package io.layercast.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./layercast bench}: measurements against running processes. */
@Command(
    name = "bench",
    description = "Measures, with real processes on this machine.",
    mixinStandardHelpOptions = true,
    subcommands = {
      BenchPull.class,
      BenchWire.class,
      BenchFootprint.class,
      BenchTracker.class,
      BenchServe.class,
      BenchFleet.class,
      BenchCompare.class,
      BenchLatency.class,
      BenchCold.class,
      BenchCrowd.class
    })
public final class Bench {
  private static final ObjectWriter JSON = new ObjectMapper().writerWithDefaultPrettyPrinter();

  private Bench() {}

  /** A result as {@code --json} prints it. */
  static String json(Object result) throws IOException {
    return JSON.writeValueAsString(result);
  }

  /** Exit code 0 only when the measurement was made. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Bench()).execute(arguments));
  }
}
