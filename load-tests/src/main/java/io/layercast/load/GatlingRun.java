package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Gatling in a process of its own, so that its processor time and memory are apart from ours. */
final class GatlingRun {
  /** A cell of the table in Gatling's page, which is all the figures it leaves. */
  private static final Pattern CELL = Pattern.compile("col-(\\d+)\">(\\d+)</td>");

  private static final int TOTAL = 2;
  private static final int FAILED = 4;
  private static final int P50 = 8;
  private static final int P95 = 10;
  private static final int P99 = 11;

  /** Its exit code when all went well but an assertion did not hold. */
  private static final int ASSERTION_FAILED = 2;

  private GatlingRun() {}

  /**
   * What came out.
   *
   * @param p95Millis of the main request
   * @param holds whether all assertions do
   * @param cpuBusy of the whole machine, 0 to 1
   * @param cpuSeconds of Gatling itself
   * @param report the page to open
   */
  record Outcome(
      long requests,
      long failed,
      int p50Millis,
      int p95Millis,
      int p99Millis,
      boolean holds,
      double cpuBusy,
      double cpuSeconds,
      Path report) {}

  /**
   * Runs it to its end.
   *
   * @param properties under {@code load.}, without that; see {@link LoadTarget}
   */
  static Outcome run(
      Workplace workplace,
      LoadKind kind,
      String phase,
      Map<String, String> properties,
      Path reports)
      throws IOException {
    Path results = Files.createDirectories(reports.resolve(phase));
    Duration limit =
        Duration.ofSeconds(Long.parseLong(properties.getOrDefault("seconds", "0")) + 240);
    CpuTime cpu = CpuTime.now();
    double ended = CpuTime.ofEndedChildren();
    Program gatling =
        workplace.start("gatling-" + phase, command(workplace, kind, properties, results));
    int exit = gatling.join(limit);
    double busy = cpu.busySince();
    double own = CpuTime.ofEndedChildren() - ended;
    if (exit != 0 && exit != ASSERTION_FAILED) {
      throw new CommandFailed("gatling", exit, gatling.output());
    }
    Path report = onlyFolder(results);
    String page = Files.readString(report.resolve("index.html"));
    Map<Integer, Integer> all = row(page, "All Requests");
    Map<Integer, Integer> main = row(page, kind.mainRequest());
    return new Outcome(
        all.getOrDefault(TOTAL, 0),
        all.getOrDefault(FAILED, 0),
        main.getOrDefault(P50, 0),
        main.getOrDefault(P95, 0),
        main.getOrDefault(P99, 0),
        exit == 0,
        busy,
        own,
        report.resolve("index.html"));
  }

  private static List<String> command(
      Workplace workplace, LoadKind kind, Map<String, String> properties, Path results) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx768m",
                "-Djava.util.prefs.userRoot=" + workplace.folder("prefs")));
    properties.forEach((name, value) -> command.add("-Dload." + name + "=" + value));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "io.gatling.app.Gatling",
            "--simulation",
            kind.className(),
            "--results-folder",
            results.toString()));
    return command;
  }

  private static Path onlyFolder(Path results) throws IOException {
    try (Stream<Path> folders = Files.list(results)) {
      return folders.filter(Files::isDirectory).findFirst().orElseThrow();
    }
  }

  /** Whole numbers of one row of the page's table, by column. */
  private static Map<Integer, Integer> row(String page, String name) throws IOException {
    int begin = page.indexOf("class=\"ellipsed-name\">" + name + "</span>");
    if (begin < 0) {
      throw new IOException("Gatling's report has no request named " + name);
    }
    Map<Integer, Integer> row = new HashMap<>();
    Matcher cell = CELL.matcher(page.substring(begin, page.indexOf("</tr>", begin)));
    while (cell.find()) {
      row.put(Integer.valueOf(cell.group(1)), Integer.valueOf(cell.group(2)));
    }
    return row;
  }
}
