package io.layercast.bootstrap.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How the pull went.
 *
 * @param imageBytes of all blobs of the image
 * @param originBytes blob bytes the origin sent in all
 */
record DemoResult(long imageBytes, long originBytes, List<AgentResult> agents) {
  /** One copy and the little that a retried range may cost. */
  private static final double MAX_ORIGIN_COPIES = 1.01;

  DemoResult {
    agents = List.copyOf(agents);
  }

  /**
   * One agent's part.
   *
   * @param address of its registry
   * @param seconds from the first request to the last byte
   * @param pulledBytes that came and had the right digest
   * @param failure why it has not every byte, if it has not
   */
  record AgentResult(
      String address,
      double seconds,
      long pulledBytes,
      AgentTraffic traffic,
      Optional<String> failure) {
    double megabytesPerSecond() {
      return seconds > 0 ? pulledBytes / seconds / 1e6 : 0;
    }
  }

  double originCopies() {
    return (double) originBytes / imageBytes;
  }

  boolean isGood() {
    return originCopies() <= MAX_ORIGIN_COPIES
        && agents.stream()
            .allMatch(agent -> agent.failure().isEmpty() && agent.pulledBytes() == imageBytes);
  }

  String table() {
    StringBuilder table = new StringBuilder();
    table.append(row("agent", "seconds", "MB/s", "from origin", "from proxies", "from agents"));
    for (AgentResult agent : agents) {
      AgentTraffic traffic = agent.traffic();
      table.append(
          row(
              agent.address(),
              "%.1f".formatted(agent.seconds()),
              "%.1f".formatted(agent.megabytesPerSecond()),
              megabytes(traffic.fromOrigin()),
              megabytes(traffic.fromProxies()),
              megabytes(traffic.fromAgents())));
    }
    for (AgentResult agent : agents) {
      agent
          .failure()
          .ifPresent(why -> table.append(agent.address()).append(": ").append(why).append('\n'));
    }
    table.append(
        String.format(
            Locale.ROOT,
            "image %s, origin sent %.2f copies%n",
            megabytes(imageBytes),
            originCopies()));
    return table.toString();
  }

  /** As {@code --json} prints it. */
  Map<String, Object> toJson() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (AgentResult agent : agents) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("address", agent.address());
      row.put("seconds", agent.seconds());
      row.put("megabytesPerSecond", agent.megabytesPerSecond());
      row.put("pulledBytes", agent.pulledBytes());
      row.put("fromOriginBytes", agent.traffic().fromOrigin());
      row.put("fromProxiesBytes", agent.traffic().fromProxies());
      row.put("fromAgentsBytes", agent.traffic().fromAgents());
      row.put("wastedBytes", agent.traffic().wasted());
      agent.failure().ifPresent(why -> row.put("failure", why));
      rows.add(row);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("ok", isGood());
    json.put("imageBytes", imageBytes);
    json.put("originBytes", originBytes);
    json.put("originCopies", originCopies());
    json.put("agents", rows);
    return json;
  }

  private static String row(Object... cells) {
    return String.format(Locale.ROOT, "%-22s %8s %8s %14s %14s %14s%n", cells);
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
