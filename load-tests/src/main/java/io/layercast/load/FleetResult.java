package io.layercast.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How long each node's pull took, and how long the simulator thinks it takes.
 *
 * @param predictedSeconds sorted, of one or more runs of as many nodes
 * @param cpuBusy of the whole machine meanwhile, 0 to 1
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record FleetResult(List<FleetPull> pulls, double[] predictedSeconds, double cpuBusy) {
  /** Above this the machine may have had a part in how long it took. */
  static final double VOID_BUSY = 0.70;

  FleetResult {
    pulls = List.copyOf(pulls);
  }

  /** Nodes that have every layer, each with its digest. */
  long right() {
    return pulls.stream().filter(pull -> pull.failure().isEmpty()).count();
  }

  boolean isVoid() {
    return cpuBusy > VOID_BUSY;
  }

  double[] measuredSeconds() {
    return pulls.stream().mapToDouble(FleetPull::seconds).sorted().toArray();
  }

  double measured(double part) {
    return percentile(measuredSeconds(), part);
  }

  double predicted(double part) {
    return percentile(predictedSeconds, part);
  }

  /** Of the measured over the predicted one. */
  double ratio(double part) {
    return measured(part) / predicted(part);
  }

  double longestPauseSeconds() {
    return pulls.stream().mapToDouble(FleetPull::longestPauseSeconds).max().orElse(0);
  }

  /** The median of how far through its pull a client was when it had half of the image, 0 to 1. */
  double halfAt() {
    double[] sorted =
        pulls.stream().mapToDouble(pull -> pull.halfSeconds() / pull.seconds()).sorted().toArray();
    return percentile(sorted, 0.5);
  }

  /** By nearest rank. */
  private static double percentile(double[] sorted, double part) {
    return sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)];
  }

  void print(PrintWriter out) {
    String form = "%-12s %9s %9s %9s%n";
    out.printf(form, "seconds", "p50", "p99", "longest");
    double[] parts = {0.5, 0.99, 1};
    row(out, form, "measured", "%.2f", Arrays.stream(parts).map(this::measured).toArray());
    row(out, form, "predicted", "%.2f", Arrays.stream(parts).map(this::predicted).toArray());
    row(out, form, "ratio", "%.3f", Arrays.stream(parts).map(this::ratio).toArray());
    out.printf(
        Locale.ROOT,
        "%d of %d right, half of the bytes read after %.0f %% of the time, longest pause of one"
            + " %.1f s, CPU %.0f %% busy%s%n",
        right(),
        pulls.size(),
        100 * halfAt(),
        longestPauseSeconds(),
        100 * cpuBusy,
        isVoid() ? ", over 70: void" : "");
    pulls.stream().flatMap(pull -> pull.failure().stream()).limit(5).forEach(out::println);
  }

  private static void row(
      PrintWriter out, String form, String name, String number, double[] values) {
    String[] texts =
        Arrays.stream(values)
            .mapToObj(value -> String.format(Locale.ROOT, number, value))
            .toArray(String[]::new);
    out.printf(form, name, texts[0], texts[1], texts[2]);
  }

  /** Leaves the raw data ({@code measured.csv}, {@code predicted.csv}) and a plot in the folder. */
  void write(Path folder, String title) throws IOException {
    Files.createDirectories(folder);
    List<String> rows =
        new ArrayList<>(
            List.of("agent,seconds,first_byte_seconds,half_seconds,longest_pause_seconds"));
    for (FleetPull pull : pulls) {
      rows.add(
          String.format(
              Locale.ROOT,
              "%s,%.3f,%.3f,%.3f,%.3f",
              pull.agent().name(),
              pull.seconds(),
              pull.firstByteSeconds(),
              pull.halfSeconds(),
              pull.longestPauseSeconds()));
    }
    Files.write(folder.resolve("measured.csv"), rows);
    List<String> predicted = new ArrayList<>(List.of("seconds"));
    for (double seconds : predictedSeconds) {
      predicted.add(String.format(Locale.ROOT, "%.3f", seconds));
    }
    Files.write(folder.resolve("predicted.csv"), predicted);
    Files.writeString(
        folder.resolve("times.svg"),
        new DistributionPlot(title, "seconds")
            .add("measured", measuredSeconds())
            .add("predicted", predictedSeconds)
            .svg());
  }
}
