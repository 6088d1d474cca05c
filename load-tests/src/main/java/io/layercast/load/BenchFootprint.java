package io.layercast.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What a tracker, a proxy and an agent take of a node when nothing is pulled: after their start and
 * a while after a big cold pull through all of them.
 */
@Command(
    name = "footprint",
    description =
        "Measures memory, handles and processor time of idle roles, by the kernel's figures.",
    mixinStandardHelpOptions = true)
final class BenchFootprint extends Measurement {
  private static final String REPOSITORY = "bench/footprint";
  private static final int LAYERS = 3;
  private static final int STARTS = 3;

  @Option(
      names = "--size",
      defaultValue = "3GiB",
      converter = BenchPull.SizeConverter.class,
      description = "What the agent pulls, in three layers (default: ${DEFAULT-VALUE}).")
  private ByteSize size = new ByteSize(3L << 30);

  @Option(
      names = "--rest",
      defaultValue = "60",
      description = "Seconds of rest before each look (default: ${DEFAULT-VALUE}).")
  private int restSeconds = 60;

  /**
   * One role.
   *
   * @param idleCpuPercent of one core, over the rest after the start
   * @param startSeconds from the start of its process to its first answer, the median of three;
   *     none for members of a cluster, which wait for each other
   */
  record Footprint(
      double idleRssMiB,
      double afterRssMiB,
      double idleCpuPercent,
      int idleHandles,
      int afterHandles,
      int idleSockets,
      int afterSockets,
      @Nullable Double startSeconds) {}

  @Override
  public Integer call() throws Exception {
    if (restSeconds < 1) {
      throw new IllegalArgumentException("--rest must be at least 1 s, not " + restSeconds);
    }
    try (Workplace workplace = Workplace.open("footprint")) {
      Map<String, Footprint> footprints = measure(workplace);
      report(footprints, out -> print(out, footprints));
    }
    return 0;
  }

  private Map<String, Footprint> measure(Workplace workplace) throws IOException {
    say("making and pushing an image");
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    TestImage image = push(workplace, registry);
    say("starting a tracker, a proxy and an agent");
    Stack stack = Stack.before(workplace, registry.url()).proxy().agent().start();
    double startSeconds = start(stack.agent(0));
    List<Watched> roles =
        List.of(
            new Watched("agent", stack.agent(0), startSeconds, new ArrayList<>()),
            new Watched("proxy", stack.proxy(0), null, new ArrayList<>()),
            new Watched("tracker", stack.tracker(), null, new ArrayList<>()));
    restAndLook(roles);
    restAndLook(roles);
    say("pulling through the agent");
    for (int layer = 0; layer < LAYERS; layer++) {
      var _ = Puller.create().mustPull(stack.agent(0).url(), REPOSITORY, image.layer(layer));
    }
    restAndLook(roles);
    Map<String, Footprint> footprints = new LinkedHashMap<>();
    roles.forEach(role -> footprints.put(role.name(), role.footprint(restSeconds)));
    return footprints;
  }

  /** A role with what it took after the start, after a first rest, and after the pull's. */
  private record Watched(
      String name, Role role, @Nullable Double startSeconds, List<ProcessUse> uses) {
    Footprint footprint(int restSeconds) {
      ProcessUse idle = uses.get(1);
      ProcessUse after = uses.get(2);
      return new Footprint(
          idle.rssMib(),
          after.rssMib(),
          100 * (idle.cpuSeconds() - uses.get(0).cpuSeconds()) / restSeconds,
          idle.handles(),
          after.handles(),
          idle.sockets(),
          after.sockets(),
          startSeconds);
    }
  }

  private TestImage push(Workplace workplace, DockerRegistry registry) throws IOException {
    List<Long> sizes = Collections.nCopies(LAYERS, size.bytes() / LAYERS);
    TestImage image = ImageMaker.make(workplace.folder("image"), 1, sizes);
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    return image;
  }

  /** Starts a role again and again; the last one stays. */
  private static double start(Role role) throws IOException {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      role.stop();
      long begun = System.nanoTime();
      role.start();
      role.awaitReady();
      seconds.add((System.nanoTime() - begun) / 1e9);
    }
    return seconds.stream().sorted().toList().get(STARTS / 2);
  }

  private void restAndLook(List<Watched> roles) throws IOException {
    say("resting for " + restSeconds + " s");
    try {
      Thread.sleep(Duration.ofSeconds(restSeconds));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while resting", e);
    }
    for (Watched watched : roles) {
      watched.uses().add(watched.role().program().use());
    }
  }

  private static void print(PrintWriter out, Map<String, Footprint> footprints) {
    String form = "%-8s %10s %10s %10s %16s %16s %8s%n";
    out.printf(form, "role", "idle RSS", "after", "idle CPU", "handles", "sockets", "start");
    footprints.forEach((role, use) ->
        out.printf(
            form,
            role,
            number("%.0f MiB", use.idleRssMiB()),
            number("%.0f MiB", use.afterRssMiB()),
            number("%.2f %%", use.idleCpuPercent()),
            use.idleHandles() + " -> " + use.afterHandles(),
            use.idleSockets() + " -> " + use.afterSockets(),
            use.startSeconds() == null ? "" : number("%.2f s", use.startSeconds())));
    out.println(
        "agent: idle <= 150 MiB (aim 128), <= 0.01 of a core, start <= 1.5 s, after <= 1.2 x idle;");
    out.println("proxy and tracker: idle <= 512 MiB.");
  }
}
