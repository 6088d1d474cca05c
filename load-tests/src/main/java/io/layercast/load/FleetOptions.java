package io.layercast.load;

import java.util.Optional;
import picocli.CommandLine.Option;

/** How many agents a fleet has, and how fast each is: picocli's mixin. */
final class FleetOptions {
  @Option(
      names = "--agents",
      defaultValue = "60",
      description = "How many (default: ${DEFAULT-VALUE}).")
  private int agents = 60;

  @Option(
      names = "--rate",
      converter = BenchPull.SizeConverter.class,
      description = "Of each agent, down and up, a second (default: what two cores carry).")
  private Optional<ByteSize> rate = Optional.empty();

  int agents() {
    return agents;
  }

  /** Bytes a second. */
  long rate(long usual) {
    return rate.map(ByteSize::bytes).orElse(usual);
  }
}
