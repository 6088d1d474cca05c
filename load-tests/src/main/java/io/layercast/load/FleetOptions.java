package io.layercast.load;

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
      defaultValue = "1500kB",
      converter = BenchPull.SizeConverter.class,
      description = "Of each agent, down and up, a second (default: ${DEFAULT-VALUE}).")
  private ByteSize rate = new ByteSize(1_500_000);

  int agents() {
    return agents;
  }

  /** Bytes a second. */
  long rate() {
    return rate.bytes();
  }
}
