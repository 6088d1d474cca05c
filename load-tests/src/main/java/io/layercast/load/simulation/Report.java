package io.layercast.load.simulation;

import io.layercast.load.simulation.Node.Health;
import java.util.List;
import java.util.Locale;

/**
 * What came out of one run.
 *
 * @param idealSeconds what a perfect swarm would take
 * @param ratio time of the healthy nodes' pulls, divided by the ideal
 * @param unfinished healthy nodes that had not their image at the end
 * @param originCopies bytes from the origin, by bytes pulled of different layers; the copy that
 *     warmed the proxies counts where they were warm
 * @param lostCopies as many of them again were nowhere any more when a proxy was killed
 * @param seedsPerLayer proxies that hold each layer in the end
 * @param proxyUploadGb of each proxy
 * @param agentUploadGb of each agent
 * @param connections of an agent when it had most
 * @param controlBytesPerNode tickets, announces and all messages of the wire but blocks
 * @param wastedPercent bytes that came and were of no use, of those that were
 * @param overHttpPercent bytes that nodes got from a proxy over HTTP, of those that were of use
 * @param longestPauseSeconds that a healthy node got no byte while it pulled
 * @param longestReaderPauseSeconds that a reader of a healthy node got no byte of its layer, as
 *     what has come is read in order
 * @param readerAtHalfPercent of a layer that its reader has had when half of it is here, the mean
 * @param holds whether all are done, the origin was asked once (unless a proxy was killed), and the
 *     lines are kept
 */
record Report(
    String name,
    int nodes,
    long seed,
    double idealSeconds,
    Ratio ratio,
    int unfinished,
    double originCopies,
    double lostCopies,
    double seedsPerLayer,
    List<Double> proxyUploadGb,
    Spread agentUploadGb,
    Spread connections,
    double announcesPerSecond,
    double controlBytesPerNode,
    double wastedPercent,
    double overHttpPercent,
    double longestPauseSeconds,
    double longestReaderPauseSeconds,
    double readerAtHalfPercent,
    double simulatedSeconds,
    long events,
    double tookSeconds,
    boolean holds) {

  /** Of times to the ideal. */
  record Ratio(double p50, double p99, double p999) {}

  /** Over the agents. */
  record Spread(double mean, double most) {}

  static Report of(Fleet fleet, double tookSeconds) {
    Scenario scenario = fleet.scenario;
    double ideal = scenario.idealSeconds();
    List<Node> healthy =
        fleet.agents().stream().filter(node -> node.health == Health.HEALTHY).toList();
    double[] ratios = fleet.healthySeconds().map(seconds -> seconds / ideal).sorted().toArray();
    int unfinished = healthy.size() - ratios.length;
    Ratio ratio =
        new Ratio(
            percentile(ratios, healthy.size(), 0.5),
            percentile(ratios, healthy.size(), 0.99),
            percentile(ratios, healthy.size(), 0.999));
    double layerBytes =
        fleet.layers().stream().mapToLong(layer -> layer.layout().sizeBytes()).sum();
    double useful = (double) scenario.nodes() * scenario.imageBytes();
    double seconds = Math.max(1e-9, fleet.agenda.now() / 1e9 - 1);
    double originCopies = round(fleet.originBytes().map(bytes -> bytes / layerBytes).orElse(1.0));
    double longestPause =
        round(healthy.stream().mapToLong(Node::longestPauseNanos).max().orElse(0) / 1e9);
    long seeding =
        fleet.layers().stream()
            .flatMap(layer -> layer.parts.stream())
            .filter(part -> part.node.proxy)
            .count();
    return new Report(
        scenario.name(),
        scenario.nodes(),
        fleet.seed,
        round(ideal),
        ratio,
        unfinished,
        originCopies,
        round(fleet.lostBytes() / layerBytes),
        round((double) seeding / fleet.layers().size()),
        fleet.proxies().stream().map(node -> round(node.up.passedBytes() / 1e9)).toList(),
        spread(fleet.agents().stream().mapToDouble(node -> node.up.passedBytes() / 1e9).toArray()),
        spread(fleet.agents().stream().mapToDouble(Node::mostConnections).toArray()),
        round(fleet.tracker.announces() / seconds),
        Math.round(fleet.controlBytes / (double) scenario.nodes()),
        round(100.0 * fleet.wastedBytes / useful),
        round(100.0 * fleet.httpBytes / useful),
        longestPause,
        round(healthy.stream().mapToLong(Node::longestReaderPauseNanos).max().orElse(0) / 1e9),
        round(100 * fleet.readersAtHalf.getAverage()),
        round(seconds),
        fleet.agenda.count(),
        round(tookSeconds),
        unfinished == 0
            && (originCopies <= 1 || scenario.kill().isPresent())
            && holds(scenario.lines(), ratio, longestPause));
  }

  private static boolean holds(Scenario.Lines lines, Ratio ratio, double longestPause) {
    return holds(lines.p50(), ratio.p50)
        && holds(lines.p99(), ratio.p99)
        && holds(lines.p999(), ratio.p999)
        && holds(lines.pauseSeconds(), longestPause);
  }

  private static boolean holds(double line, double value) {
    return line == 0 || value <= line;
  }

  /** By nearest rank; infinite where so many did not finish. */
  private static double percentile(double[] sorted, int population, double part) {
    int rank = (int) Math.ceil(part * population) - 1;
    return rank < sorted.length ? round(sorted[Math.max(0, rank)]) : Double.POSITIVE_INFINITY;
  }

  private static Spread spread(double[] values) {
    double sum = 0;
    double most = 0;
    for (double value : values) {
      sum += value;
      most = Math.max(most, value);
    }
    return new Spread(round(sum / Math.max(1, values.length)), round(most));
  }

  private static double round(double value) {
    return Math.round(value * 1_000) / 1_000.0;
  }

  /** For people. */
  String text() {
    return String.format(
        Locale.ROOT,
        "%-13s ideal %7.2f s  ratio p50 %.3f  p99 %.3f  p99.9 %.3f  %s%n"
            + "              origin copies %.2f (%.2f lost), seeds a layer %.1f, proxies sent %s GB, agents sent %.2f GB"
            + " (most %.2f), connections %.0f (most %.0f), announces %.0f/s, control %.1f MB a node,"
            + " wasted %.2f %%, over HTTP %.2f %%, longest pause %.2f s, a reader's %.2f s (%.1f %%"
            + " read at half), %d unfinished%n"
            + "              seed %d, %d nodes, %d events in %.1f s",
        name,
        idealSeconds,
        ratio.p50,
        ratio.p99,
        ratio.p999,
        holds ? "holds" : "MISSED",
        originCopies,
        lostCopies,
        seedsPerLayer,
        proxyUploadGb,
        agentUploadGb.mean,
        agentUploadGb.most,
        connections.mean,
        connections.most,
        announcesPerSecond,
        controlBytesPerNode / 1e6,
        wastedPercent,
        overHttpPercent,
        longestPauseSeconds,
        longestReaderPauseSeconds,
        readerAtHalfPercent,
        unfinished,
        seed,
        nodes,
        events,
        tookSeconds);
  }
}
