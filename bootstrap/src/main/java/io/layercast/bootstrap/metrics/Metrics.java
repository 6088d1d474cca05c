package io.layercast.bootstrap.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmBufferPoolMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmRuntimeInfoMetric;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;

/**
 * The metrics of one process. A number that is counted somewhere already is read there when it is
 * asked for, so there is one of it and it costs nothing until then. Thread-safe.
 */
public final class Metrics {
  /** What {@link #text} is written in. */
  public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private static final int TEXT_BYTES = 16 * 1024;

  private record Point(List<String> labelValues, DoubleSupplier value) {}

  /** One metric's name: all its points, whichever part of the process they are of. */
  private record Family(List<String> labels, List<Point> points) {
    String[] labelNames() {
      return labels.toArray(String[]::new);
    }

    void report(BiConsumer<Double, String[]> callback) {
      for (Point point : points) {
        callback.accept(point.value().getAsDouble(), point.labelValues().toArray(String[]::new));
      }
    }
  }

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Map<String, Family> families = new ConcurrentHashMap<>();
  private final Map<String, Histogram> histograms = new ConcurrentHashMap<>();

  /** Only what is added is told. */
  public Metrics() {}

  /** Adds this process's memory, collections, threads, files and CPU time. */
  public Metrics withJvm() {
    JvmMemoryMetrics.builder().register(registry);
    JvmBufferPoolMetrics.builder().register(registry);
    JvmGarbageCollectorMetrics.builder().register(registry);
    JvmThreadsMetrics.builder().register(registry);
    JvmRuntimeInfoMetric.builder().register(registry);
    ProcessMetrics.builder().register(registry);
    return this;
  }

  /**
   * Adds a number that only grows.
   *
   * @param name ends in {@code _total}, before it the unit if it has one
   * @param labels names and values in turn; the same names for every point of a name
   */
  public void counter(String name, String help, DoubleSupplier value, String... labels) {
    add(
        name,
        value,
        labels,
        family ->
            CounterWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(family.labelNames())
                .callback(callback -> family.report(callback::call))
                .register(registry));
  }

  /** Adds a number that goes up and down; {@code labels} as for {@link #counter}. */
  public void gauge(String name, String help, DoubleSupplier value, String... labels) {
    add(
        name,
        value,
        labels,
        family ->
            GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(family.labelNames())
                .callback(callback -> family.report(callback::call))
                .register(registry));
  }

  /**
   * A histogram of seconds; the same one for the same name.
   *
   * @param name ends in {@code _seconds}
   */
  public Histogram seconds(String name, String help, double[] upperBounds, String... labelNames) {
    return histograms.computeIfAbsent(
        name,
        _ ->
            Histogram.builder()
                .name(name)
                .help(help)
                .classicOnly()
                .classicUpperBounds(upperBounds)
                .labelNames(labelNames)
                .register(registry));
  }

  /** All of them as Prometheus reads them. */
  public byte[] text() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream(TEXT_BYTES);
    PrometheusTextFormatWriter.create()
        .write(text, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
    return text.toByteArray();
  }

  private void add(String name, DoubleSupplier value, String[] labels, Consumer<Family> register) {
    Family family =
        families.computeIfAbsent(
            name,
            _ -> {
              Family made = new Family(every(0, labels), new CopyOnWriteArrayList<>());
              register.accept(made);
              return made;
            });
    if (!family.labels().equals(every(0, labels))) {
      throw new IllegalArgumentException(
          "%s has labels %s, not %s".formatted(name, family.labels(), Arrays.toString(labels)));
    }
    family.points().add(new Point(every(1, labels), value));
  }

  /** Every second of {@code labels}. */
  private static List<String> every(int first, String... labels) {
    return IntStream.range(0, labels.length / 2).mapToObj(i -> labels[2 * i + first]).toList();
  }
}
