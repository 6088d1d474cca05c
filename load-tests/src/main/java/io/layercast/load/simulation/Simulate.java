package io.layercast.load.simulation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
      Scenario scenario =
          chosen.but(its -> {
            its.nodes = nodes > 0 ? nodes : its.nodes;
            its.proxies = proxies > 0 ? proxies : its.proxies;
          });
      Report report = new Fleet(scenario, ConfigFactory.load(), quantumKib * 1024, seed).run();
      reports.add(report);
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
