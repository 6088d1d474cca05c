package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an operator does to running processes and reads from them. */
@ExtendWith(OnFailureKeepLogs.class)
final class OperationsIT {
  private static final String REPOSITORY = "library/operated";
  private static final long MIB = 1024 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** A change must hold by then. */
  private static final Duration TO_HOLD = Duration.ofSeconds(2);

  private static TestImage image;
  private static Stack stack;
  private static Path config;
  private static String agentMetrics;
  private static String smallMetrics;
  private static String proxyMetrics;
  private static String trackerMetrics;
  private static int edits;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    image = ImageMaker.make(workplace.folder("image"), 9, List.of(80 * MIB, 20 * MIB, 21 * MIB));
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    String host = workplace.address();
    agentMetrics = Workplace.freePort(host, 9404);
    smallMetrics = Workplace.freePort(host, 9405);
    proxyMetrics = Workplace.freePort(host, 9406);
    trackerMetrics = Workplace.freePort(host, 9407);
    config = workplace.folder("agent-config");
    edit("downloadRate = 2MB/s");
    Path small = workplace.folder("small-config");
    Files.writeString(
        small.resolve("layercast.conf"),
        """
        layercast.engine.store.space { quota = 30 MB, idle = 1 s, check-interval = 500 ms }
        """);
    stack =
        Stack.before(workplace, "http://" + registry.address())
            .tracker("--metrics", trackerMetrics)
            .proxy("--metrics", proxyMetrics)
            .agent("--metrics", agentMetrics, "--config-folder", config.toString())
            .agent("--metrics", smallMetrics, "--config-folder", small.toString())
            .start();
  }

  /** As kubelet brings an edited ConfigMap: a new folder, and a link to it that changes at once. */
  private static void edit(String text) throws IOException {
    Path young = Files.createDirectory(config.resolve("..edit_" + ++edits));
    Files.writeString(young.resolve("layercast.conf"), text + "\n");
    Path link = Files.createSymbolicLink(config.resolve("..data_tmp"), young.getFileName());
    Files.move(link, config.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    if (edits == 1) {
      Files.createSymbolicLink(
          config.resolve("layercast.conf"), Path.of("..data", "layercast.conf"));
    }
  }

  @Test
  void editedRates_holdForARunningPullThatGoesOn() throws Exception {
    Blob layer = image.layer(0);
    Role agent = stack.agent(0);
    AtomicLong received = new AtomicLong();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Puller.Outcome> pull =
          threads.submit(
              () -> Puller.create().pull(agent.url(), REPOSITORY, layer.digest(), received::set));
      Wait.until("the pull to run", PATIENCE, () -> received.get() >= 2 * MIB);

      edit("downloadRate = 8MB/s");
      pass(TO_HOLD);
      long raised = bytesIn(Duration.ofSeconds(2), received);
      assertThat(raised).as("at 8 MB/s; at 2 it were 4 MB and a piece").isGreaterThan(6_000_000);
      assertThat(raised).isLessThan(2 * 8_000_000 * 11 / 10 + 2 * MIB);

      edit("downloadRate = 2MB/s");
      pass(TO_HOLD);
      long lowered = bytesIn(Duration.ofSeconds(2), received);
      assertThat(lowered).as("at 2 MB/s").isLessThan(2 * 2_000_000 * 11 / 10 + 2 * MIB);

      edit("downloadRate = 50MB/s\nuploadRate = fast");
      Wait.until("the refusal", PATIENCE, () -> changes("refused") == 1);
      assertThat(limit("in")).as("half an edit is none").isEqualTo(2_000_000);
      assertThat(agent.program().output()).contains("uploadRate").contains("fast");

      edit("downloadRate = 0");
      Puller.Outcome outcome = pull.get(60, TimeUnit.SECONDS);
      assertThat(outcome)
          .isInstanceOfSatisfying(
              Puller.Complete.class,
              complete -> assertThat(complete.digest()).isEqualTo(layer.digest()));
      assertThat(limit("in")).isZero();
      assertThat(changes("applied")).isEqualTo(3);
    }
    Wait.until(
        "the pull to be counted",
        PATIENCE,
        () -> MetricsPage.of(agentMetrics).value("layercast_pulls_total", "result=\"done\"") == 1);

    Wait.until("the pull's line", PATIENCE, () -> !linesOf(layer, agent).isEmpty());

    MetricsPage page = MetricsPage.of(agentMetrics);
    Traffic told = agent.traffic();
    assertThat(in(page, "proxies") + in(page, "proxies_http")).isEqualTo(told.fromProxies());
    assertThat(in(page, "agents")).isEqualTo(told.fromAgents());
    assertThat(told.received()).isGreaterThanOrEqualTo(layer.sizeBytes());
    assertThat(page.value("layercast_limited_bytes_total", "direction=\"in\""))
        .isGreaterThanOrEqualTo((double) layer.sizeBytes());
    assertThat(page.value("layercast_pull_stage_seconds_count", "stage=\"total\"")).isEqualTo(1);
    assertThat(page.value("layercast_cache_bytes")).isGreaterThan((double) layer.sizeBytes());
    MetricsPage proxy = MetricsPage.of(proxyMetrics);
    assertThat(in(proxy, "origin")).isGreaterThanOrEqualTo(layer.sizeBytes());
    assertThat(proxy.value("layercast_origin_requests_total", "status=\"206\"")).isPositive();
    assertThat(proxy.value("layercast_cluster_members", "status=\"up\"")).isEqualTo(2);
    Wait.until(
        "the tracker to have counted",
        PATIENCE,
        () -> MetricsPage.of(trackerMetrics).value("layercast_tracker_peers") >= 2);
  }

  @Test
  void quota_evictsWhatWasNotUsedForLongest() throws Exception {
    Role agent = stack.agent(1);
    Puller puller = Puller.create();
    puller.mustPull(agent.url(), REPOSITORY, image.layer(1));
    Wait.until("the pull's line", PATIENCE, () -> !linesOf(image.layer(1), agent).isEmpty());
    assertThat(linesOf(image.layer(1), agent)).singleElement().asString().contains("slowest wait");
    pass(Duration.ofSeconds(1)); // idle by now
    puller.mustPull(agent.url(), REPOSITORY, image.layer(2));
    Wait.until(
        "the first layer to go",
        PATIENCE,
        () -> MetricsPage.of(smallMetrics).value("layercast_evicted_blobs_total") >= 1);
    assertThat(MetricsPage.of(smallMetrics).value("layercast_cache_bytes"))
        .isLessThanOrEqualTo(30_000_000);
    puller.mustPull(agent.url(), REPOSITORY, image.layer(1));
  }

  @Test
  void everyRolesMetrics_keepToTheConventions() throws IOException {
    for (String address : List.of(agentMetrics, proxyMetrics, trackerMetrics)) {
      MetricsPage page = MetricsPage.of(address);
      assertThat(page.mistakes()).as(address).isEmpty();
      assertThat(page.value("process_cpu_seconds_total")).isPositive();
    }
  }

  private static List<String> linesOf(Blob layer, Role agent) {
    return agent
        .program()
        .output()
        .lines()
        .filter(line -> line.contains("pull of " + layer.digest() + " done in"))
        .toList();
  }

  private static long in(MetricsPage page, String with) {
    return (long)
        page.value(
            "layercast_layer_bytes_total", "direction=\"in\"", "with=\"%s\"".formatted(with));
  }

  private static double limit(String direction) throws IOException {
    return MetricsPage.of(agentMetrics)
        .value("layercast_limit_bytes_per_second", "direction=\"%s\"".formatted(direction));
  }

  private static double changes(String result) throws IOException {
    return MetricsPage.of(agentMetrics)
        .value("layercast_config_changes_total", "result=\"%s\"".formatted(result));
  }

  /** Time is what is measured here: lets it go by. */
  private static void pass(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    Wait.until("time to pass", time.plus(PATIENCE), () -> System.nanoTime() - end >= 0);
  }

  private static long bytesIn(Duration time, AtomicLong received) {
    long before = received.get();
    pass(time);
    return received.get() - before;
  }
}
