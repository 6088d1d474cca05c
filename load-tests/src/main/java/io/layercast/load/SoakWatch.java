package io.layercast.load;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at every process while load is on and says what grew: the slope of a straight line by least
 * squares through what was seen after the first third, in which JVMs still warm up, times the
 * length of what was seen. Values are nobody's business here.
 */
final class SoakWatch implements Closeable {
  private static final long EVERY_MILLIS = 2_000;

  /** Samples that a line needs. */
  private static final int SAMPLES_MIN = 10;

  /** What is looked at and by how much it may grow over the run. */
  enum Figure {
    /** Less than one generation of garbage and a sixth of what an agent idles at. */
    RSS_MIB(24),
    HANDLES(12),
    THREADS(6),
    /** Of a small request, a stack's own. */
    LATENCY_MILLIS(15);

    private final double mayGrow;

    Figure(double mayGrow) {
      this.mayGrow = mayGrow;
    }
  }

  /**
   * How one figure of one process went.
   *
   * @param from the line at the begin of what was looked at
   * @param grew the slope times the time that was looked at
   */
  record Drift(String role, Figure figure, double from, double grew) {
    boolean holds() {
      return grew <= figure.mayGrow;
    }

    String text() {
      return String.format(
          Locale.ROOT,
          "%-8s %-14s %8.1f %+8.1f of %+.0f allowed%s",
          role,
          figure.name().toLowerCase(Locale.ROOT),
          from,
          grew,
          figure.mayGrow,
          holds() ? "" : "  MISSED");
    }
  }

  private record Line(String role, Figure figure) {}

  private record Sample(double seconds, double value) {}

  private final LoadSystem system;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final Map<Line, List<Sample>> samples = new LinkedHashMap<>();
  private final long start = System.nanoTime();
  private @Nullable IOException failure;

  private SoakWatch(LoadSystem system) {
    this.system = system;
  }

  /** Watches until {@link #end}. */
  static SoakWatch start(LoadSystem system) {
    SoakWatch watch = new SoakWatch(system);
    var _ =
        watch.clock.scheduleAtFixedRate(
            watch::look, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    return watch;
  }

  private synchronized void look() {
    try {
      for (Role role : system.roles()) {
        ProcessUse use = role.program().use();
        add(role, Figure.RSS_MIB, use.rssMib());
        add(role, Figure.HANDLES, use.handles());
        add(role, Figure.THREADS, threads(role.program().pid()));
        long asked = System.nanoTime();
        var _ = Http.get(role.url() + "/scrape");
        add(role, Figure.LATENCY_MILLIS, (System.nanoTime() - asked) / 1e6);
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  private void add(Role role, Figure figure, double value) {
    samples
        .computeIfAbsent(new Line(role.name(), figure), _ -> new ArrayList<>())
        .add(new Sample((System.nanoTime() - start) / 1e9, value));
  }

  private static int threads(long pid) throws IOException {
    try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      return (int) tasks.count();
    }
  }

  /**
   * Nothing when there was nothing to watch.
   *
   * @throws IOException when a process could not be looked at
   */
  synchronized List<Drift> end() throws IOException {
    clock.shutdownNow();
    if (failure != null) {
      throw failure;
    }
    List<Drift> drifts = new ArrayList<>();
    samples.forEach((line, all) -> {
      List<Sample> late = all.subList(all.size() / 3, all.size());
      if (late.size() < SAMPLES_MIN) {
        throw new IllegalStateException(
            "too short a soak for a slope: " + late.size() + " samples");
      }
      drifts.add(drift(line.role, line.figure, late));
    });
    return drifts;
  }

  private static Drift drift(String role, Figure figure, List<Sample> seen) {
    double time = seen.stream().mapToDouble(Sample::seconds).average().orElseThrow();
    double value = seen.stream().mapToDouble(Sample::value).average().orElseThrow();
    double squares = 0;
    double products = 0;
    for (Sample sample : seen) {
      squares += (sample.seconds - time) * (sample.seconds - time);
      products += (sample.seconds - time) * (sample.value - value);
    }
    double slope = products / squares;
    double first = seen.getFirst().seconds;
    return new Drift(
        role, figure, value + slope * (first - time), slope * (seen.getLast().seconds - first));
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
