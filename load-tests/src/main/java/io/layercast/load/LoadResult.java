package io.layercast.load;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a load test showed.
 *
 * @param isBounded whether the 95th percentile had a bound
 * @param direct against the origin itself
 * @param broken what the origin was asked too often
 * @param drifts of a soak
 * @param cpuSeconds who took the processor how long, of the run against Layercast
 */
record LoadResult(
    LoadKind kind,
    boolean isBounded,
    Optional<GatlingRun.Outcome> direct,
    GatlingRun.Outcome layercast,
    List<String> broken,
    List<SoakWatch.Drift> drifts,
    Map<String, Double> cpuSeconds) {
  LoadResult {
    broken = List.copyOf(broken);
    drifts = List.copyOf(drifts);
    cpuSeconds = new TreeMap<>(cpuSeconds);
  }

  boolean holds() {
    return layercast.holds() && isOtherwiseRight();
  }

  /** Nothing but the percentile is wrong, and the machine had no time for better. */
  boolean isVoid() {
    return !layercast.holds() && isBusy() && isOtherwiseRight();
  }

  private boolean isOtherwiseRight() {
    return layercast.failed() == 0
        && direct.map(GatlingRun.Outcome::failed).orElse(0L) == 0
        && broken.isEmpty()
        && drifts.stream().allMatch(SoakWatch.Drift::holds);
  }

  private boolean isBusy() {
    return layercast.cpuBusy() > Load.VOID_BUSY;
  }

  void print(PrintWriter out) {
    String form = "%-10s %9s %7s %8s %8s %8s %9s%n";
    out.printf(form, kind.title(), "requests", "failed", "p50 ms", "p95 ms", "p99 ms", "CPU busy");
    direct.ifPresent(base -> line(out, form, "direct", base));
    line(out, form, "layercast", layercast);
    if (isBounded) {
      int bound = kind.p95MaxMillis(direct.map(GatlingRun.Outcome::p95Millis).orElse(0));
      out.printf(
          "percentiles of \"%s\"; bound of p95: %s = %,d ms%n",
          kind.mainRequest(), kind.boundText(), bound);
    }
    out.println(
        cpuSeconds.entrySet().stream()
            .map(each -> String.format(Locale.ROOT, "%s %.1f", each.getKey(), each.getValue()))
            .collect(Collectors.joining(", ", "CPU-s: ", "")));
    drifts.forEach(drift -> out.println(drift.text()));
    broken.forEach(out::println);
    if (isBusy()) {
      out.printf(
          Locale.ROOT,
          "The machine was %.0f %% busy, over %.0f: it was the limit, not the system.%n",
          100 * layercast.cpuBusy(),
          100 * Load.VOID_BUSY);
    }
    direct.ifPresent(base -> out.println("report, direct: " + base.report()));
    out.println("report: " + layercast.report());
    out.println(holds() ? "holds" : isVoid() ? "void" : "MISSED");
  }

  private static void line(PrintWriter out, String form, String name, GatlingRun.Outcome outcome) {
    out.printf(
        form,
        name,
        outcome.requests(),
        outcome.failed(),
        outcome.p50Millis(),
        outcome.p95Millis(),
        outcome.p99Millis(),
        String.format(Locale.ROOT, "%.0f %%", 100 * outcome.cpuBusy()));
  }
}
