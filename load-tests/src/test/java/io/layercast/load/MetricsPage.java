package io.layercast.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a role's {@code /metrics} tells, and what is wrong with it. */
final class MetricsPage {
  /** A name, its labels, its value: Prometheus's text format 0.0.4. */
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");

  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\",?");
  private static final Pattern OTHER_UNITS =
      Pattern.compile(
          ".*_(ms|millis|milliseconds|minutes|kb|mb|kilobytes|megabytes|percent)(_.*|$)");

  /** Digests, ids and addresses: there is no end of them. */
  private static final Pattern UNBOUNDED =
      Pattern.compile(".*[0-9a-f]{16}.*|.*\\d+\\.\\d+\\.\\d+\\.\\d+.*|.{65,}");

  private static final int SERIES_MAX = 40;

  private record Sample(String name, String labels, double value) {}

  private final List<Sample> samples = new ArrayList<>();
  private final Map<String, String> help = new HashMap<>();
  private final Map<String, String> types = new HashMap<>();

  private MetricsPage() {}

  /** Asks for it. */
  static MetricsPage of(String address) throws IOException {
    MetricsPage page = new MetricsPage();
    for (String line : Http.get("http://" + address + "/metrics").text().lines().toList()) {
      String[] words = line.split(" ", 4);
      if (line.startsWith("# HELP ")) {
        page.help.put(words[2], words[3]);
      } else if (line.startsWith("# TYPE ")) {
        page.types.put(words[2], words[3]);
      } else {
        page.add(line);
      }
    }
    return page;
  }

  private void add(String line) throws IOException {
    Matcher sample = SAMPLE.matcher(line);
    if (!sample.matches()) {
      throw new IOException("not a sample: " + line);
    }
    String labels = sample.group(2) == null ? "" : sample.group(2);
    samples.add(new Sample(sample.group(1), labels, Double.parseDouble(sample.group(3))));
  }

  /**
   * The value of the one sample of this name with all these labels, {@code role="agent"}.
   *
   * @throws IllegalStateException when there is none or more than one
   */
  double value(String name, String... labels) {
    List<Sample> found =
        samples.stream()
            .filter(sample -> sample.name().equals(name))
            .filter(sample -> List.of(labels).stream().allMatch(sample.labels()::contains))
            .toList();
    if (found.size() != 1) {
      throw new IllegalStateException(
          "%d samples of %s %s".formatted(found.size(), name, List.of(labels)));
    }
    return found.getFirst().value();
  }

  /** What is against the conventions, in words; empty when nothing is. */
  List<String> mistakes() {
    List<String> mistakes = new ArrayList<>();
    Map<String, Integer> series = new HashMap<>();
    for (Sample sample : samples) {
      String family = family(sample.name());
      if (help.getOrDefault(family, "").isBlank() || !types.containsKey(family)) {
        mistakes.add(sample.name() + " has no help or no type");
      }
      if (!sample.name().endsWith("_bucket")) {
        series.merge(sample.name(), 1, Integer::sum);
      }
      Matcher label = LABEL.matcher(sample.labels());
      while (label.find()) {
        if (UNBOUNDED.matcher(label.group(2)).matches()) {
          mistakes.add("%s has the label value %s".formatted(sample.name(), label.group(2)));
        }
      }
    }
    series.forEach((name, count) -> {
      if (count > SERIES_MAX) {
        mistakes.add("%s has %d series".formatted(name, count));
      }
    });
    types.forEach((name, type) -> checkName(name, type, mistakes));
    return mistakes;
  }

  /** Our own names; those of the JVM are the library's. */
  private static void checkName(String name, String type, List<String> mistakes) {
    boolean isOurs = name.startsWith("layercast_");
    if (!isOurs && !name.matches("(jvm|process)_.*")) {
      mistakes.add(name + " does not begin with layercast_");
    }
    if (isOurs && !name.matches("[a-z][a-z0-9_]*")) {
      mistakes.add(name + " is not in snake case");
    }
    if (isOurs && OTHER_UNITS.matcher(name).matches()) {
      mistakes.add(name + " is not in base units");
    }
    if (isOurs && type.equals("counter") != name.endsWith("_total")) {
      mistakes.add("%s is a %s: counters and only they end in _total".formatted(name, type));
    }
    if (type.equals("histogram") && !name.endsWith("_seconds")) {
      mistakes.add(name + " has no unit");
    }
  }

  /** The name that HELP and TYPE are of. */
  private String family(String sample) {
    for (String suffix : List.of("_bucket", "_sum", "_count")) {
      if (sample.endsWith(suffix)) {
        String base = sample.substring(0, sample.length() - suffix.length());
        if (types.containsKey(base)) {
          return base;
        }
      }
    }
    return sample;
  }
}
