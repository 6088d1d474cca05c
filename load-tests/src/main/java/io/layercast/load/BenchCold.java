package io.layercast.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What the first layer costs two agents whose JVMs have just started, beside the same layer once
 * they have compiled all they need. Counted from when both answer, both ends together; the receiver
 * hashes, checks and stores, the sender has the layer on disk.
 */
@Command(
    name = "cold",
    description = "Moves a layer between two JVMs that have just started, and again when warm.",
    mixinStandardHelpOptions = true)
final class BenchCold extends Measurement {
  private static final long MIB = 1024 * 1024;

  /** Pieces are 4 MiB above 1 GiB; the tar and gzip around the file take some. */
  private static final long WRAPPING_BYTES = 128 * 1024;

  private static final int STARTS = 3;

  /** In which a JVM ends what its start began, so that the layer is not charged for it. */
  private static final Duration REST = Duration.ofSeconds(3);

  @Option(
      names = "--size",
      defaultValue = "1GiB",
      converter = BenchPull.SizeConverter.class,
      description = "Length of the layer (default: ${DEFAULT-VALUE}).")
  private ByteSize size = new ByteSize(1024 * MIB);

  @Option(
      names = "--warm",
      defaultValue = "11",
      description = "Rounds before those that count as warm (default: ${DEFAULT-VALUE}).")
  private int warmRounds = 11;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "Warm rounds whose median counts (default: ${DEFAULT-VALUE}).")
  private int rounds = 5;

  /**
   * What was measured.
   *
   * @param cold CPU seconds per 10⁹ bytes, user and system of both agents, after each start
   * @param warm the same of each warm round
   * @param ratio median over median
   */
  record Result(List<Double> cold, List<Double> warm, double ratio) {}

  @Override
  public Integer call() throws Exception {
    try (Workplace workplace = Workplace.open("bench-cold")) {
      Result result = measure(workplace);
      report(result, out -> print(out, result));
    }
    return 0;
  }

  private Result measure(Workplace workplace) throws Exception {
    say("making a layer and giving it to the first agent");
    TestImage image =
        ImageMaker.make(workplace.folder("image"), 1, List.of(size.bytes() - WRAPPING_BYTES));
    LayercastEnds ends = LayercastEnds.start(workplace, List.of(image), size.bytes());
    Path layer = image.file(image.layer(0));
    List<Double> cold = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      say("starting both agents anew, " + (i + 1) + " of " + STARTS);
      ends.restart();
      Thread.sleep(REST);
      cold.add(cost(workplace, ends, layer));
    }
    List<Double> warm = new ArrayList<>();
    for (int i = -warmRounds; i < rounds; i++) {
      say(i < 0 ? "warming, " + -i + " to go" : "warm, round " + (i + 1) + " of " + rounds);
      double cost = cost(workplace, ends, layer);
      if (i >= 0) {
        warm.add(cost);
      }
    }
    return new Result(cold, warm, median(cold) / median(warm));
  }

  private double cost(Workplace workplace, LayercastEnds ends, Path layer) throws IOException {
    BenchWire.touchPages(workplace, size.bytes());
    return ends.fetch(List.of(layer)).cpuSeconds() / size.bytes() * 1e9;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static void print(PrintWriter out, Result result) {
    out.println("CPU-s/GB, user and system of both agents (/proc/<pid>/stat)");
    out.println("first layer after a start: " + numbers(result.cold()));
    out.println("warm:                      " + numbers(result.warm()));
    out.printf(Locale.ROOT, "ratio of the medians: %.2f (line 1.5, aim 1.3)%n", result.ratio());
  }

  private static String numbers(List<Double> values) {
    return String.join(
        ", ", values.stream().map(each -> String.format(Locale.ROOT, "%.2f", each)).toList());
  }
}
