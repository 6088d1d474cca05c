package io.layercast.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long one waits, beside the direct way: a cold layer and a cold image of ten layers on one
 * node, the same image on twenty, and a small object that is there already.
 *
 * <p>Direct and accelerated pulls take the same shaped relay to the origin, in one run. Every JVM,
 * this one too, has pulled other layers before, agents many small ones among them.
 */
@Command(
    name = "latency",
    description = "Measures how long pulls take, cold and cached, beside direct ones.",
    mixinStandardHelpOptions = true)
final class BenchLatency extends Measurement {
  private static final String REPOSITORY = "bench/latency";
  private static final long MIB = 1024 * 1024;
  private static final int LAYERS = 10;
  private static final int CROWD = 20;
  private static final long ONE_RATE = 100_000_000;
  private static final long CROWD_RATE = 8_000_000;
  private static final Duration FAR = Duration.ofMillis(20);
  private static final long SMALL_BYTES = 10_000;
  private static final int SMALL_WARM = 3_000;
  private static final int SMALL_COUNTED = 2_000;

  /** Above this the machine, not the path, decided: facts of the test machine. */
  private static final double VOID_BUSY = 0.80;

  @Option(
      names = "--size",
      defaultValue = "1GiB",
      converter = BenchPull.SizeConverter.class,
      description = "Of the cold layer, and of ten layers together (default: ${DEFAULT-VALUE}).")
  private ByteSize size = new ByteSize(1 << 30);

  @Option(
      names = "--warm",
      defaultValue = "1GiB",
      converter = BenchPull.SizeConverter.class,
      description = "What the single agent pulls before it counts (default: ${DEFAULT-VALUE}).")
  private ByteSize warm = new ByteSize(1 << 30);

  @Option(
      names = "--warm-layers",
      defaultValue = "200",
      description =
          "Small layers that every agent pulls before it counts: code that runs once a layer stays"
              + " interpreted for long (default: ${DEFAULT-VALUE}).")
  private int warmLayers = 200;

  /**
   * Pulls of the same bytes by the same way, directly and through agents.
   *
   * @param directSeconds one client
   * @param seconds of the slowest client
   * @param firstByteLineMillis the direct one, a piece at the origin's rate and 20 ms
   * @param cpuBusy of the whole machine, 0 to 1
   */
  record Cold(
      String what,
      double directSeconds,
      double seconds,
      double ratio,
      double line,
      double firstByteMillis,
      double firstByteLineMillis,
      double cpuBusy,
      boolean isVoid) {}

  /** Milliseconds of a small cached and granted object, one request after the other. */
  record Small(double p50, double p99, double directP50, double directP99) {}

  /** What is printed. */
  record Result(List<Cold> cold, Small small) {}

  @Override
  public Integer call() throws Exception {
    try (Workplace workplace = Workplace.open("bench-latency")) {
      Result result = measure(workplace);
      report(result, out -> print(out, result));
    }
    return 0;
  }

  private Result measure(Workplace workplace) throws Exception {
    say("making and pushing layers");
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    Relay way = Relay.start(workplace, registry.address());
    String direct = "http://" + way.address();
    TestImage big = push(workplace, registry, 1, warm.bytes());
    say("starting a tracker, a proxy and an agent, and warming them");
    Stack alone = Stack.before(workplace, direct).proxy().agent().start();
    String agent = alone.agent(0).url();
    for (String url : List.of(direct, agent)) {
      var _ = Crowd.pull(List.of(url), REPOSITORY, big.layers());
    }
    pullSmallLayers(workplace, registry, 8, List.of(agent));
    List<Cold> cold = new ArrayList<>();
    TestImage layer = push(workplace, registry, 2, size.bytes());
    TestImage image = push(workplace, registry, 3, tenOf(size.bytes() / LAYERS));
    way.shape(ONE_RATE, FAR);
    cold.add(compare("one layer, 1 agent", 1.05, ONE_RATE, direct, List.of(agent), layer));
    cold.add(compare("ten layers, 1 agent", 1.05, ONE_RATE, direct, List.of(agent), image));
    way.shape(0, Duration.ZERO);
    Small small = small(push(workplace, registry, 4, SMALL_BYTES), direct, agent);
    alone.agent(0).stop();
    try (Workplace others = Workplace.open("bench-latency-crowd")) {
      cold.add(crowd(workplace, others, registry, way));
    }
    return new Result(cold, small);
  }

  private Cold crowd(Workplace workplace, Workplace others, DockerRegistry registry, Relay way)
      throws Exception {
    say("starting " + CROWD + " agents and warming them");
    String direct = "http://" + way.address();
    Stack.Plan plan = Stack.before(others, direct).proxy();
    for (int i = 0; i < CROWD; i++) {
      plan.agent("--download-rate", CROWD_RATE / 1_000_000 + "MB/s");
    }
    List<String> crowd = plan.start().agents().stream().map(Role::url).toList();
    for (int i = 0; i < 2; i++) {
      TestImage other = push(workplace, registry, 5 + i, tenOf(10 * MIB));
      var _ = Crowd.pull(crowd, REPOSITORY, other.layers());
    }
    pullSmallLayers(workplace, registry, 9, crowd);
    TestImage last = push(workplace, registry, 7, tenOf(10 * MIB));
    way.shape(CROWD_RATE, FAR);
    return compare("ten layers, 20 agents", 1.10, CROWD_RATE, direct, crowd, last);
  }

  private static List<Long> tenOf(long bytes) {
    return Collections.nCopies(LAYERS, bytes);
  }

  private void pullSmallLayers(
      Workplace workplace, DockerRegistry registry, int seed, List<String> agents)
      throws Exception {
    if (warmLayers > 0) {
      TestImage many = push(workplace, registry, seed, Collections.nCopies(warmLayers, MIB / 4));
      var _ = Crowd.pull(agents, REPOSITORY, many.layers());
    }
  }

  private Cold compare(
      String what, double line, long rate, String direct, List<String> agents, TestImage image)
      throws Exception {
    say(what + ", directly");
    List<Crowd.Pulled> base = Crowd.pull(List.of(direct), REPOSITORY, image.layers());
    say(what + ", through agents");
    CpuTime cpu = CpuTime.now();
    List<Crowd.Pulled> pulls = Crowd.pull(agents, REPOSITORY, image.layers());
    double busy = cpu.busySince();
    say(
        number("directly %.2f s", Crowd.slowest(base))
            + number(", now %.2f s", Crowd.slowest(pulls))
            + number(", first byte after %.0f", Crowd.lastFirstByteMillis(base))
            + number(" and %.0f ms", Crowd.lastFirstByteMillis(pulls)));
    int pieceBytes = (image.layer(0).sizeBytes() > 1L << 30 ? 4 : 1) * StoredPieces.PIECE_BYTES;
    double pieceMillis = 1_000.0 * pieceBytes / rate;
    return new Cold(
        what,
        Crowd.slowest(base),
        Crowd.slowest(pulls),
        Crowd.slowest(pulls) / Crowd.slowest(base),
        line,
        Crowd.lastFirstByteMillis(pulls),
        Crowd.lastFirstByteMillis(base) + pieceMillis + FAR.toMillis(),
        busy,
        busy > VOID_BUSY);
  }

  private Small small(TestImage image, String direct, String agent) throws IOException {
    say("a small object again and again");
    String path = "/v2/" + REPOSITORY + "/blobs/" + image.layer(0).digest();
    List<Double> through = again(agent + path);
    List<Double> directly = again(direct + path);
    return new Small(at(through, 0.5), at(through, 0.99), at(directly, 0.5), at(directly, 0.99));
  }

  private static List<Double> again(String url) throws IOException {
    List<Double> millis = new ArrayList<>();
    for (int i = -SMALL_WARM; i < SMALL_COUNTED; i++) {
      long begun = System.nanoTime();
      if (Http.get(url).status() != 200) {
        throw new IOException("tried to read " + url + ", but it was refused");
      }
      if (i >= 0) {
        millis.add((System.nanoTime() - begun) / 1e6);
      }
    }
    return millis.stream().sorted().toList();
  }

  private static double at(List<Double> sorted, double part) {
    return sorted.get((int) (sorted.size() * part));
  }

  private static TestImage push(
      Workplace workplace, DockerRegistry registry, int seed, long layerBytes) throws IOException {
    return push(workplace, registry, seed, List.of(layerBytes));
  }

  private static TestImage push(
      Workplace workplace, DockerRegistry registry, int seed, List<Long> layerBytes)
      throws IOException {
    TestImage image = ImageMaker.make(workplace.folder("image-" + seed), seed, layerBytes);
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    return image;
  }

  private static void print(PrintWriter out, Result result) {
    String form = "%-22s %8s %8s %7s %6s %11s %8s %9s%n";
    out.printf(
        form, "cold", "direct", "seconds", "ratio", "line", "first byte", "line", "CPU busy");
    for (Cold each : result.cold()) {
      out.printf(
          form,
          each.what(),
          number("%.2f s", each.directSeconds()),
          number("%.2f s", each.seconds()),
          number("%.3f", each.ratio()),
          number("%.2f", each.line()),
          number("%.0f ms", each.firstByteMillis()),
          number("%.0f ms", each.firstByteLineMillis()),
          number("%.0f %%", 100 * each.cpuBusy()) + (each.isVoid() ? " void" : ""));
    }
    Small small = result.small();
    out.println(
        "a cached object of 10 KB: "
            + number("%.2f ms at p50, ", small.p50())
            + number("%.2f ms at p99 (lines 5 and 15); ", small.p99())
            + number("directly %.2f", small.directP50())
            + number(" and %.2f ms", small.directP99()));
    out.println("void: the machine was more than 80 % busy, so it decided, not the path.");
  }
}
