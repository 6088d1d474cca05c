package io.layercast.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code ./layercast load fleet}: many real agents pull an image that nobody has, all at once; when
 * half of it has left the origin, a proxy that ingests and the tracker that is in charge are
 * killed.
 */
@Command(
    name = "fleet",
    description = "Many agents pull a cold image at once; a proxy and the tracker are killed.",
    mixinStandardHelpOptions = true)
final class LoadFleet implements Callable<Integer> {
  private static final String SCENARIO = "sixty-killed";
  private static final long RATE = 300_000;

  /** As the scenario has it. */
  private static final Duration ORIGIN_ROUND_TRIP = Duration.ofMillis(10);

  /** Of each layer that another proxy takes over: with it the origin's consent comes. */
  private static final long CONSENT_BYTES = 1;

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin private FleetOptions options = new FleetOptions();

  @Option(
      names = "--layer",
      defaultValue = "16MiB",
      converter = BenchPull.SizeConverter.class,
      description = "Length of each of the three (default: ${DEFAULT-VALUE}).")
  private ByteSize layer = new ByteSize(16L << 20);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    AgentFleet.Plan plan = plan();
    Path folder = Load.reports("fleet");
    PrintWriter out = spec.commandLine().getOut();
    try (Workplace workplace = Workplace.open("fleet")) {
      AgentFleet fleet = AgentFleet.start(workplace, plan, this::say);
      say("simulating the same, with the proxy killed");
      double[] predicted =
          FleetPrediction.seconds(workplace, SCENARIO, plan, fleet.image().layers(), originRate());
      fleet.way().shape(originRate(), ORIGIN_ROUND_TRIP);
      long before = fleet.way().bytesFromTarget();
      AtomicLong lost = new AtomicLong();
      say("pulling on all at once");
      CpuTime cpu = CpuTime.now();
      List<FleetPull> pulls = fleet.pull(() -> lost.set(killInTheMiddle(fleet, before)));
      double busy = cpu.busySince();
      long sent = fleet.way().bytesFromTarget() - before;
      FleetResult result = new FleetResult(pulls, predicted, busy);
      result.write(
          folder,
          "%d agents at %.1f MB/s, 3 x %d MiB cold, a proxy and the tracker killed"
              .formatted(options.agents(), rate() / 1e6, layer.bytes() >> 20));
      long refetched = sent - layerBytes(fleet);
      long allowed = lost.get() + CONSENT_BYTES * fleet.image().layers().size();
      result.print(out);
      out.printf(
          Locale.ROOT,
          "the origin sent %.3f copies: %.1f MB twice, where no live node held %.1f MB%n",
          (double) sent / layerBytes(fleet),
          refetched / 1e6,
          lost.get() / 1e6);
      out.println("raw data and plot: " + folder);
      out.flush();
      boolean holds = result.right() == options.agents() && refetched <= allowed;
      return holds ? 0 : 1;
    }
  }

  private static long layerBytes(AgentFleet fleet) {
    return fleet.image().layers().stream().mapToLong(Blob::sizeBytes).sum();
  }

  /**
   * @return bytes that the origin had sent by then and that nobody alive had on its disk
   */
  private long killInTheMiddle(AgentFleet fleet, long before) throws IOException {
    long half = layerBytes(fleet) / 2;
    Wait.until(
        "half of the image to have left the origin",
        PATIENCE,
        () -> fleet.way().bytesFromTarget() - before >= half);
    fleet.way().shape(originRate() / 20, ORIGIN_ROUND_TRIP); // it goes on when all is counted
    Role proxy = fleet.stack().ownerOf(fleet.image().layer(0), AgentFleet.REPOSITORY);
    Role tracker = leadingTracker(fleet.stack());
    say("killing " + proxy.name() + " and " + tracker.name());
    proxy.kill();
    tracker.kill();
    long held = 0;
    for (Blob each : fleet.image().layers()) {
      held += StoredPieces.bytes(heldBy(living(fleet.stack(), proxy), each), each);
    }
    long sent = fleet.way().bytesFromTarget() - before;
    fleet.way().shape(originRate(), ORIGIN_ROUND_TRIP);
    return sent - held;
  }

  private static List<Role> living(Stack stack, Role dead) {
    return Stream.concat(stack.agents().stream(), stack.proxies().stream())
        .filter(role -> role != dead)
        .toList();
  }

  private static BitSet heldBy(List<Role> nodes, Blob layer) throws IOException {
    BitSet held = new BitSet();
    for (Role node : nodes) {
      held.or(StoredPieces.of(node, layer));
    }
    return held;
  }

  /** The singleton is the oldest member's of its role, as the first tracker's management tells. */
  private static Role leadingTracker(Stack stack) throws IOException {
    JsonNode cluster =
        JSON.readTree(
            Http.get("http://" + stack.tracker().told("--management") + "/cluster/members").body());
    String oldest = cluster.path("oldestPerRole").path("tracker").asText();
    return stack.trackers().stream()
        .filter(tracker -> oldest.contains("@" + tracker.address().replaceAll(":.*", ":")))
        .findFirst()
        .orElseThrow(() -> new IOException("no tracker of ours is in charge: " + cluster));
  }

  private long rate() {
    return options.rate(RATE);
  }

  /** Of rates the scenario has these proportions. */
  private long originRate() {
    return rate() * 5 / 3;
  }

  private AgentFleet.Plan plan() {
    try {
      return new AgentFleet.Plan(
          options.agents(), rate(), 2, 2, 5 * rate(), Collections.nCopies(3, layer.bytes()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private void say(String what) {
    spec.commandLine().getErr().println(what);
  }
}
