package io.layercast.bootstrap.metrics;

import io.layercast.engine.PullListener;
import io.layercast.engine.PullReport;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts an agent's downloads and how long their stages took. */
public final class PullMetrics implements PullListener {
  /** From a small layer out of the next rack to a large one at a low limit. */
  private static final double[] SECONDS = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600
  };

  private static final String PULLS = "layercast_pulls_total";
  private static final String PULLS_HELP = "Pulls of layers that ended, by result.";

  private final AtomicInteger running = new AtomicInteger();
  private final Map<PullReport.Result, LongAdder> results = new EnumMap<>(PullReport.Result.class);
  private final LongAdder refused = new LongAdder();
  private final LongAdder unavailable = new LongAdder();
  private final Histogram stages;
  private final Histogram slowestWait;

  public PullMetrics(Metrics metrics) {
    metrics.gauge("layercast_pulls_running", "Pulls of layers under way.", running::get);
    for (PullReport.Result result : PullReport.Result.values()) {
      LongAdder count = new LongAdder();
      results.put(result, count);
      String label = result.name().toLowerCase(Locale.ROOT);
      metrics.counter(PULLS, PULLS_HELP, count::sum, "result", label);
    }
    metrics.counter(PULLS, PULLS_HELP, refused::sum, "result", "refused");
    metrics.counter(PULLS, PULLS_HELP, unavailable::sum, "result", "unavailable");
    stages =
        metrics.seconds(
            "layercast_pull_stage_seconds",
            "Time of each stage of pulls that brought bytes: the proxy's consent (ask), until the"
                + " first piece, until the last (rest), until the verdict; total is their sum.",
            SECONDS,
            "stage");
    slowestWait =
        metrics.seconds(
            "layercast_pull_slowest_wait_seconds",
            "The longest time without a new piece, of pulls that brought bytes.",
            SECONDS);
  }

  @Override
  public void began() {
    running.incrementAndGet();
  }

  @Override
  public void over() {
    running.decrementAndGet();
  }

  @Override
  public void refused() {
    refused.increment();
  }

  @Override
  public void unavailable() {
    unavailable.increment();
  }

  @Override
  public void reported(PullReport report) {
    LongAdder count = results.get(report.result());
    if (count != null) {
      count.increment();
    }
    if (report.result() == PullReport.Result.DONE) {
      PullReport.Stages took = report.stages();
      observe("ask", took.askNanos());
      observe("first", took.firstNanos());
      observe("rest", took.restNanos());
      observe("verdict", took.verdictNanos());
      observe("total", took.totalNanos());
      slowestWait.observe(report.slowestWait().nanos() / 1e9);
    }
  }

  private void observe(String stage, long nanos) {
    stages.labelValues(stage).observe(nanos / 1e9);
  }
}
