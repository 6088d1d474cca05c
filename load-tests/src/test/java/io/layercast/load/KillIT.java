package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code kill -9} in the middle of a pull. */
@ExtendWith(OnFailureKeepLogs.class)
final class KillIT {
  private static final String REPOSITORY = "library/slow";
  private static final long MIB = 1024 * 1024;

  /** The layout of a layer of this size, by the rule of PieceLayout. */
  private static final long PIECE_BYTES = MIB;

  private static TestImage image;
  private static DockerRegistry registry;
  private static Relay originWay;
  private static Stack stack;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    image = ImageMaker.make(workplace.folder("image"), 6, List.of(48 * MIB, 64 * MIB, 5 * MIB));
    registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    originWay = Relay.start(workplace, registry.address());
    stack =
        Stack.before(workplace, "http://" + originWay.address())
            .proxy()
            .proxy()
            .agent("--download-rate", "16MB/s")
            .agent()
            .start();
  }

  @Test
  void agentKilledAtHalfALayer_fetchesOnlyTheRestAgain() throws Exception {
    Blob layer = image.layer(0);
    Role agent = stack.agent(0);
    long half = layer.sizeBytes() / 2;
    CompletableFuture<Long> atHalf = new CompletableFuture<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Puller.Outcome> first =
          threads.submit(() ->
              Puller.create()
                  .pull(
                      agent.url(),
                      REPOSITORY,
                      layer.digest(),
                      bytes -> completeAt(half, bytes, atHalf)));
      atHalf.get(60, TimeUnit.SECONDS);
      agent.kill();
      assertThat(first.get()).isInstanceOf(Puller.Broken.class);
    }

    agent.start();
    agent.awaitReady();
    Puller.create().mustPull(agent.url(), REPOSITORY, layer);

    // Every whole piece the client had seen was proven on disk; the one it was in the middle of
    // and those that were under way may come again.
    assertThat(agent.traffic().received())
        .isLessThanOrEqualTo(layer.sizeBytes() - half + 2 * PIECE_BYTES);
  }

  @Test
  void proxyKilledWhileItIngests_pullCompletes() throws Exception {
    Blob layer = image.layer(1);
    Role agent = stack.agent(1);
    originWay.shape(16_000_000, Duration.ZERO);
    CompletableFuture<Long> atQuarter = new CompletableFuture<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Puller.Complete> pull =
          threads.submit(() -> {
            Puller.Outcome outcome =
                Puller.create()
                    .pull(
                        agent.url(),
                        REPOSITORY,
                        layer.digest(),
                        bytes -> completeAt(layer.sizeBytes() / 4, bytes, atQuarter));
            assertThat(outcome).isInstanceOf(Puller.Complete.class);
            return (Puller.Complete) outcome;
          });
      atQuarter.get(60, TimeUnit.SECONDS);
      Role ingesting = ingesting(layer);
      ingesting.kill();
      Puller.Complete complete = pull.get(90, TimeUnit.SECONDS);

      assertThat(complete.digest()).isEqualTo(layer.digest());
      ingesting.start();
    } finally {
      originWay.shape(0, Duration.ZERO);
      stack.proxies().forEach(Role::awaitReady);
    }
    assertThat(registry.copies(layer)).isLessThan(2.0);
  }

  /** The proxy that answers for the layer itself; the other one redirects to it. */
  private static Role ingesting(Blob layer) throws IOException {
    String path = "/layercast/v1/blobs/" + layer.digest() + "/metainfo?repository=" + REPOSITORY;
    for (Role proxy : stack.proxies()) {
      var answer = Http.open(proxy.url() + path);
      answer.body().close();
      if (answer.statusCode() == 200) {
        return proxy;
      }
    }
    throw new IOException("no proxy owns " + layer);
  }

  private static void completeAt(long mark, long bytes, CompletableFuture<Long> reached) {
    if (bytes >= mark) {
      reached.complete(bytes);
    }
  }
}
