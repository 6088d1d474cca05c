package io.layercast.load.simulation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./layercast simulate}. */
@Command(
    name = "simulate",
    description = "Runs the production policies for a whole fleet in virtual time.",
    mixinStandardHelpOptions = true)
public final class Simulate implements Callable<Integer> {
  @Option(names = "--list", description = "Lists the scenarios.")
  private boolean list;

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      description = "Which to run, several times if several (default: all).")
  private List<String> names = new ArrayList<>();

  @Option(names = "--nodes", description = "Another number of nodes than the scenario's.")
  private int nodes;

  @Option(names = "--proxies", description = "Another number of proxies than the scenario's.")
  private int proxies;

  @Option(
      names = "--rate",
      paramLabel = "BYTES",
      description = "Another rate of every node, a second, down and up.")
  private long rate;

  @Option(
      names = "--proxy-rate",
      paramLabel = "BYTES",
      description = "Another upload rate of every proxy, a second.")
  private long proxyRate;

  @Option(
      names = "--origin-rate",
      paramLabel = "BYTES",
      description = "Another rate of the origin of a cold scenario, a second.")
  private long originRate;

  @Option(
      names = "--layers",
      split = ",",
      paramLabel = "BYTES",
      description = "Other lengths of the image's layers, with commas.")
  private List<Long> layers = List.of();

  @Option(
      names = "--times",
      paramLabel = "FILE",
      description = "Writes the seconds of each healthy node's pull, one a line, in order.")
  private Optional<Path> times = Optional.empty();

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--quantum",
      defaultValue = "512",
      description =
          "KiB of a connection that pass a limit at a time (default: ${DEFAULT-VALUE}; nodes use"
              + " 128). Smaller is closer to nodes and slower.")
  private int quantumKib = 512;

  @Option(names = "--json", description = "Prints the results as JSON.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Exit code 0 when every line holds, 1 when one is missed. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Simulate()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (list) {
      Scenario.ALL.forEach(each -> out.printf("%-13s %s%n", each.name(), each.summary()));
      return 0;
    }
    List<Report> reports = new ArrayList<>();
    for (Scenario chosen : chosen()) {
      Fleet fleet = new Fleet(changed(chosen), ConfigFactory.load(), quantumKib * 1024, seed);
      Report report = fleet.run();
      reports.add(report);
      if (times.isPresent()) {
        Files.write(times.get(), fleet.healthySeconds().mapToObj(Double::toString).toList());
      }
      if (!json) {
        out.println(report.text());
        out.flush();
      }
    }
    if (json) {
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .writeValue(out, Map.of("scenarios", reports));
      out.println();
    }
    return reports.stream().allMatch(Report::holds) ? 0 : 1;
  }

  private Scenario changed(Scenario scenario) {
    Scenario.Rates own = scenario.rates();
    return scenario.but(its -> {
      its.nodes = nodes > 0 ? nodes : its.nodes;
      its.proxies = proxies > 0 ? proxies : its.proxies;
      its.layerBytes = layers.isEmpty() ? its.layerBytes : layers;
      its.rates =
          new Scenario.Rates(
              rate > 0 ? rate : own.down(),
              rate > 0 ? rate : own.up(),
              proxyRate > 0 ? proxyRate : own.proxy(),
              own.roundTripNanos());
      if (originRate > 0) {
        its.cold = its.cold.map(cold -> new Scenario.Cold(originRate, cold.firstByteNanos()));
      }
    });
  }

  private List<Scenario> chosen() {
    if (names.isEmpty()) {
      return Scenario.ALL;
    }
    return names.stream()
        .map(name ->
            Scenario.ALL.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                    new ParameterException(
                        spec.commandLine(), "no scenario " + name + "; see simulate --list")))
        .toList();
  }
}
