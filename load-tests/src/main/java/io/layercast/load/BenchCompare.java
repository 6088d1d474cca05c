package io.layercast.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One cold layer to 1, 10 and 20 nodes at once: from the origin itself, through docker-registry as
 * a pull-through cache, through nginx's proxy_cache, and through Layercast; in turns, in one run.
 *
 * <p>First over links as a cluster has them, scaled down to what this machine carries: a node's
 * takes and gives {@value #NODE_RATE} bytes a second, that of a cache, a proxy or the origin gives
 * {@value #SERVER_RATE}; then without any. A {@link Relay} is the link of what has no limit of its
 * own.
 */
@Command(
    name = "compare",
    description = "A cold layer on many nodes: Layercast beside registry caches.",
    mixinStandardHelpOptions = true)
final class BenchCompare extends Measurement {
  private static final String REPOSITORY = "bench/compare";
  private static final int[] CLIENTS = {1, 10, 20};
  private static final int MOST_CLIENTS = 20;
  private static final long NODE_RATE = 5_000_000;
  private static final long SERVER_RATE = 20_000_000;

  private static final int WARM_UPS = 3;

  @Option(
      names = "--size",
      defaultValue = "32MiB",
      converter = BenchPull.SizeConverter.class,
      description = "Length of the layer (default: ${DEFAULT-VALUE}).")
  private ByteSize size = new ByteSize(32L << 20);

  /**
   * Who brings the layer.
   *
   * @param programs whose processor time counts
   * @param urls of each client's registry, over links
   * @param plainUrls the same without
   */
  private record Contender(
      String name, List<Program> programs, List<String> urls, List<String> plainUrls) {
    double cpuSeconds() throws IOException {
      double seconds = 0;
      for (Program program : programs) {
        seconds += program.cpuSeconds();
      }
      return seconds;
    }
  }

  /**
   * One line of the table.
   *
   * @param seconds until the last client had it
   * @param originCopies layer bytes the origin sent, over the layer's length
   * @param cpuSeconds user and system of the contender's processes; the origin's own for direct
   * @param cpuBusy of the whole machine, 0 to 1
   */
  record Line(
      boolean hasLinks,
      int clients,
      String name,
      double seconds,
      double originCopies,
      double cpuSeconds,
      double cpuBusy) {}

  @Override
  public Integer call() throws Exception {
    try (Workplace workplace = Workplace.open("compare")) {
      List<Line> lines = measure(workplace);
      report(Map.of("lines", lines), out -> print(out, lines));
    }
    return 0;
  }

  private List<Line> measure(Workplace workplace) throws Exception {
    say("making and pushing layers");
    int rounds = 2 * CLIENTS.length * 4;
    TestImage image =
        ImageMaker.make(
            workplace.folder("image"), 1, Collections.nCopies(rounds + WARM_UPS, size.bytes()));
    DockerRegistry origin = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, origin.address(), REPOSITORY);
    Relay way = Relay.start(workplace, origin.address());
    EditedRates agents = EditedRates.of(workplace, "agent-rates", 0);
    EditedRates proxies = EditedRates.of(workplace, "proxy-rates", 0);
    say("starting two caches, a tracker, a proxy and " + MOST_CLIENTS + " agents");
    Stack.Plan plan =
        Stack.before(workplace, "http://" + way.address()).proxy(proxies.options()).crowd(8);
    for (int i = 0; i < MOST_CLIENTS; i++) {
      plan.agent(agents.options());
    }
    Stack stack = plan.start();
    List<Contender> contenders = contenders(workplace, origin, way, stack);
    List<Blob> layers = new ArrayList<>(image.layers());
    say("warming every JVM");
    for (int i = 0; i < WARM_UPS; i++) {
      var _ =
          Crowd.pull(contenders.getLast().plainUrls(), REPOSITORY, List.of(layers.removeLast()));
    }
    List<Line> lines = new ArrayList<>();
    for (boolean hasLinks : new boolean[] {true, false}) {
      way.shape(hasLinks ? SERVER_RATE : 0, Duration.ZERO);
      EditedRates.change(
          List.of(agents, proxies),
          List.of(hasLinks ? NODE_RATE : 0L, hasLinks ? SERVER_RATE : 0L));
      for (int clients : CLIENTS) {
        for (Contender contender : contenders) {
          lines.add(line(origin, contender, hasLinks, clients, layers.removeLast()));
        }
      }
    }
    return lines;
  }

  private static List<Contender> contenders(
      Workplace workplace, DockerRegistry origin, Relay way, Stack stack) throws IOException {
    String originUrl = "http://" + way.address();
    DockerRegistry cache = DockerRegistry.cacheOf(workplace, "cache", originUrl);
    Nginx nginx = Nginx.cacheOf(workplace, originUrl);
    List<Program> ours = stack.roles().stream().map(Role::program).toList();
    List<String> agents = stack.agents().stream().map(Role::url).toList();
    return List.of(
        central(workplace, "direct", origin.program(), way.address(), way.address()),
        behindLink(workplace, "docker-registry", cache.program(), cache.address()),
        behindLink(workplace, "nginx", nginx.program(), nginx.address()),
        new Contender("layercast", ours, agents, agents));
  }

  private static Contender behindLink(
      Workplace workplace, String name, Program program, String address) throws IOException {
    Relay link = Relay.start(workplace, address);
    link.shape(SERVER_RATE, Duration.ZERO);
    return central(workplace, name, program, link.address(), address);
  }

  /** Each client reaches it over a link of its own. */
  private static Contender central(
      Workplace workplace, String name, Program program, String address, String plainAddress)
      throws IOException {
    List<String> urls = new ArrayList<>();
    for (int i = 0; i < MOST_CLIENTS; i++) {
      Relay link = Relay.start(workplace, address);
      link.shape(NODE_RATE, Duration.ZERO);
      urls.add("http://" + link.address());
    }
    return new Contender(
        name, List.of(program), urls, Collections.nCopies(MOST_CLIENTS, "http://" + plainAddress));
  }

  private Line line(
      DockerRegistry origin, Contender contender, boolean hasLinks, int clients, Blob layer)
      throws IOException, InterruptedException {
    say("%s, %d clients%s".formatted(contender.name(), clients, hasLinks ? ", over links" : ""));
    List<String> urls = hasLinks ? contender.urls() : contender.plainUrls();
    double cpuBefore = contender.cpuSeconds();
    CpuTime cpu = CpuTime.now();
    double seconds =
        Crowd.slowest(Crowd.pull(urls.subList(0, clients), REPOSITORY, List.of(layer)));
    double busy = cpu.busySince();
    double cpuSeconds = contender.cpuSeconds() - cpuBefore;
    awaitSettled(origin, layer);
    return new Line(
        hasLinks, clients, contender.name(), seconds, origin.copies(layer), cpuSeconds, busy);
  }

  /** A cache may go on fetching, and the line of an answer is logged when it has ended. */
  private static void awaitSettled(DockerRegistry origin, Blob layer) {
    long[] last = {-1};
    Wait.until(
        "the origin to note all that it sent",
        Duration.ofSeconds(60),
        () -> {
          TimeUnit.SECONDS.sleep(2);
          long before = last[0];
          last[0] = origin.sentBytes(layer);
          return last[0] >= layer.sizeBytes() && last[0] == before;
        });
  }

  private static void print(PrintWriter out, List<Line> lines) {
    String form = "%-8s %8s %-16s %8s %14s %8s %9s%n";
    out.printf(
        form, "links", "clients", "through", "seconds", "origin copies", "CPU-s", "CPU busy");
    for (Line line : lines) {
      out.printf(
          form,
          line.hasLinks() ? "yes" : "none",
          line.clients(),
          line.name(),
          number("%.2f", line.seconds()),
          number("%.2f", line.originCopies()),
          number("%.2f", line.cpuSeconds()),
          number("%.0f %%", 100 * line.cpuBusy()));
    }
    out.println(
        "links: nodes 5 MB/s each way, servers and origin 20 MB/s; seconds: of the last client;");
    out.println("CPU-s: of the processes that bring it, with direct the origin's.");
  }
}
