package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Many real agents on this machine, each a process with a rate of its own, in front of one origin
 * at the end of a way that can be shaped; warmed by another image, and then all let go at once.
 *
 * <p>The limits, not the machine, are to decide how long a pull takes: agents times rate is bounded
 * by {@value #BYTES_PER_SECOND_MAX} bytes a second.
 */
final class AgentFleet {
  static final String REPOSITORY = "fleet/image";

  private static final String INGEST = "layercast.engine.ingest.";

  /** What two cores carry with room to spare: half of what {@link Load} allows them in all. */
  static final long BYTES_PER_SECOND_MAX = 100_000_000;

  /** Each is a JVM of 300 MB with threads of its own; more than these starve each other. */
  private static final int AGENTS_MAX = 60;

  private static final String WARM_UP = "fleet/warm-up";

  /**
   * Each JVM has loaded and compiled what a pull runs, but not for hours. After one image compilers
   * still took a third of the processor time in what was measured, after three a fifth.
   */
  private static final int WARM_UP_IMAGES = 3;

  private static final List<Long> WARM_UP_LAYERS = List.of(32L << 20, 32L << 20);

  /** Of each node while JVMs are warmed. */
  private static final long WARM_UP_RATE = 8_000_000;

  /** JVMs that start, and later pull, together while they are cold. */
  private static final int AT_ONCE = 4 * Runtime.getRuntime().availableProcessors();

  /** Sixty idle JVMs are a fifth of two cores. */
  private static final double QUIET = 0.40;

  private static final Duration QUIET_FOR = Duration.ofSeconds(4);
  private static final Duration QUIET_AFTER = Duration.ofMinutes(4);

  private final TestImage image;
  private final Relay way;
  private final Stack stack;
  private final Duration pull;

  private AgentFleet(TestImage image, Relay way, Stack stack, Duration pull) {
    this.image = image;
    this.way = way;
    this.stack = stack;
    this.pull = pull;
  }

  /**
   * What is started.
   *
   * @param rate of each agent, down and up, bytes a second
   * @param proxyRate of each proxy, up
   * @param layerBytes for each layer about its length, as {@link StoredPieces} can read them
   */
  record Plan(
      int agents, long rate, int trackers, int proxies, long proxyRate, List<Long> layerBytes) {
    Plan {
      layerBytes = List.copyOf(layerBytes);
      if (layerBytes.stream().anyMatch(bytes -> bytes < 16L << 20 || bytes >= 1L << 30)) {
        throw new IllegalArgumentException("a layer has 16 MiB at least and less than 1 GiB");
      }
      if (agents > AGENTS_MAX) {
        throw new IllegalArgumentException(
            "%d agents are more than the %d that this machine holds".formatted(agents, AGENTS_MAX));
      }
      if (agents < 1 || agents * rate > BYTES_PER_SECOND_MAX) {
        throw new IllegalArgumentException(
            "%d agents of %.1f MB/s are more than the %d MB/s that this machine carries well"
                .formatted(agents, rate / 1e6, BYTES_PER_SECOND_MAX / 1_000_000));
      }
    }

    /**
     * How a proxy that stands in for another waits for what agents hold. The rates are scaled down,
     * so the patience is scaled up, to sixteen times what a piece takes, which on nodes of 3.4 MB/s
     * is the default; and agents may take {@code agent.max-reopen-backoff} to come back.
     */
    Map<String, Duration> standIn() {
      long millis = 16 * StoredPieces.PIECE_BYTES * 1_000L / rate;
      return Map.of(
          INGEST + "peer-patience",
          Duration.ofMillis(Math.max(5_000, millis)),
          INGEST + "take-over-grace",
          Duration.ofSeconds(6));
    }

    /** For a pull: what starting one takes, and four times as long as the rate allows. */
    private Duration patience() {
      long bytes = layerBytes.stream().mapToLong(Long::longValue).sum();
      return Duration.ofMinutes(2).plusSeconds(4 * bytes / rate);
    }
  }

  /** Starts and warms all of it; afterwards the machine is quiet. */
  static AgentFleet start(Workplace workplace, Plan plan, Consumer<String> say) throws IOException {
    TestImage image = ImageMaker.make(workplace.folder("image"), 31, plan.layerBytes());
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    List<TestImage> warm = new ArrayList<>();
    for (int i = 0; i < WARM_UP_IMAGES; i++) {
      warm.add(ImageMaker.make(workplace.folder("warm-" + i), 32 + i, WARM_UP_LAYERS));
      new Skopeo(workplace).push(warm.getLast(), registry.address(), WARM_UP);
    }
    Relay way = Relay.start(workplace, registry.address());
    say.accept("starting %d agents".formatted(plan.agents()));
    Stack.Plan stack = Stack.before(workplace, "http://" + way.address()).crowd(AT_ONCE);
    for (int i = 1; i < plan.trackers(); i++) {
      stack.anotherTracker();
    }
    EditedRates proxies = EditedRates.of(workplace, "proxy-rates", 0);
    EditedRates agents = EditedRates.of(workplace, "agent-rates", WARM_UP_RATE);
    Path config = workplace.folder("proxy-config").resolve("layercast.conf");
    Files.write(
        config,
        plan.standIn().entrySet().stream()
            .map(each -> each.getKey() + " = " + each.getValue().toMillis() + " ms")
            .toList());
    for (int i = 0; i < plan.proxies(); i++) {
      List<String> options = new ArrayList<>(List.of(proxies.options()));
      options.addAll(List.of("--config", config.toString()));
      stack.proxy(options.toArray(String[]::new));
    }
    for (int i = 0; i < plan.agents(); i++) {
      stack.agent(agents.options());
    }
    AgentFleet fleet = new AgentFleet(image, way, stack.start(), plan.patience());
    say.accept("warming them with other images");
    for (TestImage each : warm) {
      fleet.warm(each.layers(), AT_ONCE);
    }
    EditedRates.change(List.of(proxies, agents), List.of(plan.proxyRate(), plan.rate()));
    say.accept("waiting until the machine is quiet");
    fleet.awaitQuiet();
    return fleet;
  }

  TestImage image() {
    return image;
  }

  Relay way() {
    return way;
  }

  Stack stack() {
    return stack;
  }

  /** Has the proxies fetch the image before anybody pulls it. */
  void warmProxies() throws IOException {
    for (Blob layer : image.layers()) {
      Role owner = stack.ownerOf(layer, REPOSITORY); // which asks, and so begins the fetch
      Wait.until(
          owner.name() + " to hold " + layer,
          pull,
          () -> StoredPieces.of(owner, layer).cardinality() == StoredPieces.countOf(layer));
    }
  }

  /**
   * Every agent's client asks for all layers of the image at the same instant.
   *
   * @param meanwhile done as soon as all have begun
   */
  List<FleetPull> pull(Deed meanwhile) throws IOException {
    List<FleetPull> pulls = begin(stack.agents(), REPOSITORY, image.layers());
    meanwhile.happen();
    return awaited(pulls);
  }

  /** What may happen while the agents pull. */
  @FunctionalInterface
  interface Deed {
    void happen() throws IOException;
  }

  /** Few at a time: cold JVMs all together starve each other, and then the pull is no pull. */
  private void warm(List<Blob> layers, int atOnce) throws IOException {
    List<Role> agents = stack.agents();
    for (int i = 0; i < agents.size(); i += atOnce) {
      List<Role> some = agents.subList(i, Math.min(agents.size(), i + atOnce));
      for (FleetPull pull : awaited(begin(some, WARM_UP, layers))) {
        if (pull.failure().isPresent()) {
          throw new IOException("tried to warm the agents, but " + pull.failure().get());
        }
      }
    }
  }

  private List<FleetPull> awaited(List<FleetPull> pulls) throws IOException {
    long deadline = System.nanoTime() + pull.toNanos();
    for (FleetPull pull : pulls) {
      pull.await(deadline - System.nanoTime());
    }
    return pulls;
  }

  private static List<FleetPull> begin(List<Role> agents, String repository, List<Blob> layers) {
    CountDownLatch barrier = new CountDownLatch(1);
    List<FleetPull> pulls = new ArrayList<>();
    for (Role agent : agents) {
      pulls.add(FleetPull.at(barrier, agent, repository, layers));
    }
    barrier.countDown();
    return pulls;
  }

  /**
   * Returns when the processes do little but wait.
   *
   * @throws IOException when they never do
   */
  void awaitQuiet() throws IOException {
    int cores = Runtime.getRuntime().availableProcessors();
    long deadline = System.nanoTime() + QUIET_AFTER.toNanos();
    double busy = 1;
    while (busy > QUIET) {
      if (System.nanoTime() > deadline) {
        throw new IOException(
            String.format(Locale.ROOT, "the fleet still takes %.0f %% of the machine", 100 * busy));
      }
      double before = cpuSeconds();
      try {
        TimeUnit.NANOSECONDS.sleep(QUIET_FOR.toNanos());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      busy = (cpuSeconds() - before) / QUIET_FOR.toSeconds() / cores;
    }
  }

  private double cpuSeconds() throws IOException {
    double seconds = 0;
    for (Role role : stack.roles()) {
      seconds += role.program().cpuSeconds();
    }
    return seconds;
  }
}
