package io.layercast.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What an agent takes of its node while it pulls ten layers at once from many peers at its limit:
 * aria2 processes, each with an address of its own and every layer, which the tracker lists under
 * the layers' aliases. They ask and answer in blocks of 16 KiB, an eighth of our own, so agents as
 * peers cost it less.
 */
@Command(
    name = "crowd",
    description = "Measures what an agent takes while it pulls ten layers from many peers.",
    mixinStandardHelpOptions = true)
final class BenchCrowd extends Measurement {
  private static final String REPOSITORY = "bench/crowd";
  private static final int LAYERS = 10;
  private static final long RATE = 100_000_000;
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);

  @Option(
      names = "--size",
      defaultValue = "1500MiB",
      converter = BenchPull.SizeConverter.class,
      description = "Of the ten layers together (default: ${DEFAULT-VALUE}).")
  private ByteSize size = new ByteSize(1500L << 20);

  @Option(
      names = "--peers",
      defaultValue = "50",
      description = "How many have all layers (default: ${DEFAULT-VALUE}).")
  private int peers = 50;

  /**
   * What was seen while the layers came.
   *
   * @param cores user and system time of the agent over the time of the pull
   * @param rssMiB the most
   * @param sockets the most
   * @param fromPeers the part of the bytes that aria2 sent
   */
  record Result(
      double seconds,
      double megabytesPerSecond,
      double cores,
      double rssMiB,
      int sockets,
      double fromPeers) {}

  @Override
  public Integer call() throws Exception {
    if (peers < 1 || peers > 100) {
      throw new IllegalArgumentException("--peers is between 1 and 100, not " + peers);
    }
    try (Workplace workplace = Workplace.open("bench-crowd")) {
      Result result = measure(workplace);
      report(result, out -> print(out, result));
    }
    return 0;
  }

  private Result measure(Workplace workplace) throws IOException {
    say("making and pushing two images");
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    TestImage warm = push(workplace, registry, 1);
    TestImage image = push(workplace, registry, 2);
    say("starting a tracker, a proxy and an agent, and warming them");
    Stack stack =
        Stack.before(workplace, registry.url())
            .proxy()
            .agent("--download-rate", RATE / 1_000_000 + "MB/s")
            .start();
    Role proxy = stack.proxy(0);
    for (TestImage each : List.of(warm, image)) {
      for (Blob layer : each.layers()) {
        var _ = Puller.create().mustPull(proxy.url(), REPOSITORY, layer);
      }
    }
    proxy.stop();
    proxy.start("--upload-rate", "5MB/s");
    proxy.awaitReady();
    Role agent = stack.agent(0);
    List<Program> earlier = crowd(workplace, proxy, warm);
    var _ = pull(agent, warm);
    earlier.forEach(Program::kill);
    List<Program> _ = crowd(workplace, proxy, image);
    say("pulling " + LAYERS + " layers at once from " + peers + " peers");
    return pull(agent, image);
  }

  private TestImage push(Workplace workplace, DockerRegistry registry, int seed)
      throws IOException {
    List<Long> sizes = Collections.nCopies(LAYERS, size.bytes() / LAYERS);
    TestImage image = ImageMaker.make(workplace.folder("image-" + seed), seed, sizes);
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    return image;
  }

  /** Has every peer seed the image; they announce themselves one after the other from now on. */
  private List<Program> crowd(Workplace workplace, Role proxy, TestImage image) throws IOException {
    Path folder = workplace.folder("torrents-" + image.manifest().digest().substring(7, 15));
    List<Path> torrents = new ArrayList<>();
    for (Blob layer : image.layers()) {
      Http.Answer answer =
          Http.get(
              proxy.url()
                  + "/layercast/v1/blobs/"
                  + layer.digest()
                  + ".torrent?repository="
                  + REPOSITORY);
      if (answer.status() != 200) {
        throw new IOException("tried to get a torrent, but got " + answer.text());
      }
      torrents.add(
          Files.write(folder.resolve(layer.digest().substring(7) + ".torrent"), answer.body()));
    }
    Path files = Objects.requireNonNull(image.file(image.layer(0)).getParent());
    Aria2 aria2 = new Aria2(workplace);
    List<Program> seeds = new ArrayList<>();
    for (int i = 0; i < peers; i++) {
      seeds.add(aria2.seedUnverified(torrents, files, workplace.address()));
    }
    return seeds;
  }

  private Result pull(Role agent, TestImage image) throws IOException {
    Traffic before = agent.traffic();
    ProcessUse use = agent.program().use();
    double cpuBefore = use.cpuSeconds();
    double rss = use.rssMib();
    int sockets = 0;
    long begun = System.nanoTime();
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new)) {
      List<Future<Puller.Complete>> pulls = new ArrayList<>();
      for (Blob layer : image.layers()) {
        pulls.add(threads.submit(() -> Puller.create().mustPull(agent.url(), REPOSITORY, layer)));
      }
      while (!pulls.stream().allMatch(Future::isDone)) {
        Thread.sleep(LOOK_EVERY);
        use = agent.program().use();
        rss = Math.max(rss, use.rssMib());
        sockets = Math.max(sockets, use.sockets());
      }
      for (Future<Puller.Complete> pull : pulls) {
        var _ = pull.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException("a pull failed", e.getCause());
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    long bytes = image.layers().stream().mapToLong(Blob::sizeBytes).sum();
    return new Result(
        seconds,
        bytes / seconds / 1e6,
        (agent.program().cpuSeconds() - cpuBefore) / seconds,
        rss,
        sockets,
        (double) (agent.traffic().fromAgents() - before.fromAgents()) / bytes);
  }

  private static void print(PrintWriter out, Result result) {
    out.printf(
        Locale.ROOT,
        "an agent at 100 MB/s, %d layers from many: %.0f MB/s for %.1f s, %.0f %% of it from peers%n",
        LAYERS,
        result.megabytesPerSecond(),
        result.seconds(),
        100 * result.fromPeers());
    out.printf(
        Locale.ROOT,
        "%.2f of a core (line 0.6), %.0f MiB at most (line 512 MB), %d sockets at most%n",
        result.cores(),
        result.rssMiB(),
        result.sockets());
  }
}
