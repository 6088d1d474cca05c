package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** {@code ./layercast simulate} as a process, for a fleet that was really run. */
final class FleetPrediction {
  private static final int SEEDS = 5;

  /** As nodes move them: a block. */
  private static final int QUANTUM_KIB = 128;

  private static final Duration LIMIT = Duration.ofMinutes(2);

  private FleetPrediction() {}

  /**
   * Of {@value #SEEDS} runs, sorted.
   *
   * @param scenario which is changed to what {@code plan} says
   * @param originRate bytes a second, for a cold scenario; 0 for a warm one
   */
  static double[] seconds(
      Workplace workplace,
      String scenario,
      AgentFleet.Plan plan,
      List<Blob> layers,
      long originRate)
      throws IOException {
    Path file = workplace.folder("prediction").resolve("times");
    List<String> all = new ArrayList<>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      plan.standIn()
          .forEach((key, time) -> command.add("-D%s=%dms".formatted(key, time.toMillis())));
      command.addAll(
          List.of(
              "-Xmx1g",
              "-cp",
              System.getProperty("java.class.path"),
              "io.layercast.load.simulation.Simulate",
              "--scenario=" + scenario,
              "--nodes=" + plan.agents(),
              "--proxies=" + plan.proxies(),
              "--rate=" + plan.rate(),
              "--proxy-rate=" + plan.proxyRate(),
              "--origin-rate=" + originRate,
              "--layers="
                  + layers.stream()
                      .map(layer -> "" + layer.sizeBytes())
                      .collect(Collectors.joining(",")),
              "--quantum=" + QUANTUM_KIB,
              "--seed=" + seed,
              "--times=" + file));
      workplace.run("simulate-" + seed, LIMIT, command);
      all.addAll(Files.readAllLines(file));
    }
    return all.stream().mapToDouble(Double::parseDouble).sorted().toArray();
  }
}
