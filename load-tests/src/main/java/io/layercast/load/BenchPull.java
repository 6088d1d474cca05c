package io.layercast.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One layer, directly from docker-registry and cold through agents, over the same relay.
 *
 * <p>In one run and one set of processes, so that the ratios are of one machine in one mood: a
 * tracker, a proxy, one agent without a limit and four at 40 MB/s. All JVMs, this one too, have
 * pulled another image before. Each comparison has a layer of its own that no proxy or agent has
 * seen.
 */
@Command(
    name = "pull",
    description = "Pulls a cold layer directly and through agents, and compares.",
    mixinStandardHelpOptions = true)
final class BenchPull extends Measurement {
  private static final String REPOSITORY = "bench/layer";
  private static final long MIB = 1024 * 1024;
  private static final int CROWD = 4;
  private static final long CROWD_RATE = 40_000_000;
  private static final Duration FAR = Duration.ofMillis(20);

  /** Above this the machine, not the path, decided: facts of the test machine. */
  private static final double VOID_BUSY = 0.80;

  @Option(
      names = "--size",
      defaultValue = "1GiB",
      converter = SizeConverter.class,
      description = "Length of the layer (default: ${DEFAULT-VALUE}).")
  private ByteSize size = new ByteSize(1 << 30);

  /** picocli finds it by reflection. */
  static final class SizeConverter implements picocli.CommandLine.ITypeConverter<ByteSize> {
    @Override
    public ByteSize convert(String value) {
      return ByteSize.parse(value);
    }
  }

  /**
   * One line of the table.
   *
   * @param originRate bytes per second, 0 = unshaped
   * @param agents 0 = direct
   * @param seconds of the slowest client
   * @param ratio to the direct pull of the same shape
   * @param firstByteMillis of the slowest client
   * @param originCopies layer bytes the origin sent for it, over the layer's length
   * @param cpuBusy of the whole machine, 0 to 1
   * @param isVoid the machine was too busy for the ratio to mean anything
   */
  record Line(
      String shape,
      long originRate,
      int agents,
      double seconds,
      double megabytesPerSecond,
      double ratio,
      double firstByteMillis,
      double originCopies,
      double cpuBusy,
      boolean isVoid) {}

  @Override
  public Integer call() throws Exception {
    try (Workplace workplace = Workplace.open("bench")) {
      List<Line> lines = measure(workplace);
      report(lines, out -> print(out, lines));
    }
    return 0;
  }

  private List<Line> measure(Workplace workplace) throws Exception {
    say("making and pushing layers");
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    Blob warm = push(workplace, registry, 1, Math.min(size.bytes(), 512 * MIB));
    Relay way = Relay.start(workplace, registry.address());
    say("starting a tracker, a proxy and " + (1 + CROWD) + " agents");
    Stack.Plan plan = Stack.before(workplace, "http://" + way.address()).proxy().agent();
    for (int i = 0; i < CROWD; i++) {
      plan.agent("--download-rate", CROWD_RATE / 1_000_000 + "MB/s");
    }
    Stack stack = plan.start();
    List<String> direct = List.of("http://" + way.address());
    List<String> solo = List.of(stack.agent(0).url());
    List<String> crowd = stack.agents().subList(1, 1 + CROWD).stream().map(Role::url).toList();
    say("warming every JVM with another layer");
    for (List<String> clients : List.of(direct, solo, crowd)) {
      var _ = Crowd.pull(clients, REPOSITORY, List.of(warm));
    }
    List<Line> lines = new ArrayList<>();
    compare(workplace, registry, way, "100 MB/s, 20 ms", 100_000_000, FAR, direct, solo, lines);
    compare(workplace, registry, way, "40 MB/s, 20 ms", CROWD_RATE, FAR, direct, crowd, lines);
    compare(workplace, registry, way, "unshaped", 0, Duration.ZERO, direct, solo, lines);
    return lines;
  }

  private void compare(
      Workplace workplace,
      DockerRegistry registry,
      Relay way,
      String shape,
      long rate,
      Duration roundTrip,
      List<String> direct,
      List<String> agents,
      List<Line> lines)
      throws Exception {
    Blob layer = push(workplace, registry, 2 + lines.size(), size.bytes());
    way.shape(rate, roundTrip);
    say(shape + ": directly");
    Line base = line(registry, shape, rate, 0, direct, layer, 0);
    say(shape + ": through " + agents.size() + (agents.size() == 1 ? " agent" : " agents"));
    lines.add(base);
    lines.add(line(registry, shape, rate, agents.size(), agents, layer, base.seconds()));
    way.shape(0, Duration.ZERO);
  }

  private static Line line(
      DockerRegistry registry,
      String shape,
      long rate,
      int agents,
      List<String> clients,
      Blob layer,
      double directSeconds)
      throws Exception {
    long sentBefore = registry.sentBytes(layer);
    CpuTime cpu = CpuTime.now();
    List<Crowd.Pulled> pulls = Crowd.pull(clients, REPOSITORY, List.of(layer));
    double busy = cpu.busySince();
    double seconds = Crowd.slowest(pulls);
    // The log line of the last range is written after its last byte has left.
    Wait.until(
        "the origin to note what it sent",
        Duration.ofSeconds(10),
        () -> registry.sentBytes(layer) - sentBefore >= layer.sizeBytes());
    return new Line(
        shape,
        rate,
        agents,
        seconds,
        layer.sizeBytes() / seconds / 1e6,
        directSeconds == 0 ? 1 : seconds / directSeconds,
        Crowd.lastFirstByteMillis(pulls),
        (double) (registry.sentBytes(layer) - sentBefore) / layer.sizeBytes(),
        busy,
        busy > VOID_BUSY);
  }

  private static Blob push(Workplace workplace, DockerRegistry registry, long seed, long bytes)
      throws IOException {
    TestImage image = ImageMaker.make(workplace.folder("image-" + seed), seed, List.of(bytes));
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    return image.layer(0);
  }

  private static void print(PrintWriter out, List<Line> lines) {
    String form = "%-16s %-9s %8s %7s %7s %11s %7s %9s%n";
    out.printf(
        form, "origin", "path", "seconds", "MB/s", "ratio", "first byte", "copies", "CPU busy");
    for (Line line : lines) {
      out.printf(
          form,
          line.shape(),
          line.agents() == 0
              ? "direct"
              : line.agents() == 1 ? "1 agent" : line.agents() + " agents",
          number("%.2f", line.seconds()),
          number("%.1f", line.megabytesPerSecond()),
          number("%.3f", line.ratio()),
          number("%.0f ms", line.firstByteMillis()),
          number("%.2f", line.originCopies()),
          number("%.0f %%", 100 * line.cpuBusy()) + (line.isVoid() ? " void" : ""));
    }
    out.println("aims: 1 agent at 100 MB/s <= 1.10, 4 agents at 40 MB/s <= 1.15, copies 1.00,");
    out.println(
        "first byte <= direct + one piece at the origin's rate + 30 ms; several clients: the slowest.");
    if (lines.stream().anyMatch(Line::isVoid)) {
      out.println("void: the machine was more than 80 % busy, so it decided, not the path.");
    }
  }
}
