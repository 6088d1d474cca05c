package io.layercast.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Calibrates the simulator: real agents pull a layer that one proxy holds, all at once, and so does
 * the simulated fleet with the same rates, sizes and settings.
 */
@Command(
    name = "fleet",
    description = "Pulls a layer on many agents at once and compares with the simulator.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:p50 and p99 are within a tenth of the prediction",
      "1:one is not, or a pull failed",
      "3:the machine was over 70 %% busy: nothing is proven"
    })
final class BenchFleet extends Measurement {
  static final String SCENARIO = "sixty";

  /** How far from the prediction. */
  private static final double TOLERANCE = 0.10;

  private static final long RATE = 1_500_000;

  /** A proxy uploads as much as so many agents, so that --rate scales the whole. */
  private static final int AGENTS_TO_A_PROXY = 5;

  @Mixin private FleetOptions options = new FleetOptions();

  @Option(
      names = "--size",
      defaultValue = "128MiB",
      converter = BenchPull.SizeConverter.class,
      description = "Length of the layer (default: ${DEFAULT-VALUE}).")
  private ByteSize size = new ByteSize(128L << 20);

  @Override
  public Integer call() throws Exception {
    AgentFleet.Plan plan = plan();
    Path folder = Load.reports("bench-fleet");
    FleetResult result;
    try (Workplace workplace = Workplace.open("bench-fleet")) {
      result = measure(workplace, plan);
    }
    result.write(
        folder,
        "%d agents at %.1f MB/s, %d MiB, one warm proxy"
            .formatted(options.agents(), options.rate(RATE) / 1e6, size.bytes() >> 20));
    report(
        Map.of(
            "agents", options.agents(),
            "right", result.right(),
            "measured", percentiles(result.measured(0.5), result.measured(0.99)),
            "predicted", percentiles(result.predicted(0.5), result.predicted(0.99)),
            "cpuBusy", result.cpuBusy(),
            "isVoid", result.isVoid()),
        out -> {
          result.print(out);
          out.println("raw data and plot: " + folder);
        });
    return exitCode(result);
  }

  private FleetResult measure(Workplace workplace, AgentFleet.Plan plan) throws IOException {
    AgentFleet fleet = AgentFleet.start(workplace, plan, this::say);
    say("simulating the same");
    double[] predicted =
        FleetPrediction.seconds(workplace, SCENARIO, plan, fleet.image().layers(), 0);
    fleet.warmProxies();
    fleet.awaitQuiet();
    say("pulling on all at once");
    CpuTime cpu = CpuTime.now();
    List<FleetPull> pulls = fleet.pull(() -> {});
    double busy = cpu.busySince();
    return new FleetResult(pulls, predicted, busy);
  }

  private int exitCode(FleetResult result) {
    if (result.right() < options.agents()) {
      return 1;
    }
    if (result.isVoid()) {
      return Load.VOID;
    }
    return isNear(result.ratio(0.5)) && isNear(result.ratio(0.99)) ? 0 : 1;
  }

  private static boolean isNear(double ratio) {
    return Math.abs(ratio - 1) <= TOLERANCE;
  }

  private static Map<String, Double> percentiles(double p50, double p99) {
    return Map.of("p50", p50, "p99", p99);
  }

  private AgentFleet.Plan plan() {
    long rate = options.rate(RATE);
    try {
      return new AgentFleet.Plan(
          options.agents(), rate, 1, 1, AGENTS_TO_A_PROXY * rate, List.of(size.bytes()));
    } catch (IllegalArgumentException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
  }
}
