package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import akka.Done;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another proxy joins, and Akka moves ingests to it while the first one lives. */
class MovedIngestTest {
  private static final int PIECE = 1024 * 1024;
  private static final int BLOBS = 6;
  private static final String SETTINGS =
      """
      akka.cluster.sharding {
        rebalance-interval = 1 s
        least-shard-allocation-strategy {
          rebalance-absolute-limit = 10
          rebalance-relative-limit = 1.0
        }
      }
      """;

  /** What four connections were in the middle of when the ingest was stopped, and a piece each. */
  private static final long UNDER_WAY = 4L * 2 * PIECE;

  @TempDir private Path folder;
  private final OriginOfAll origins = new OriginOfAll();
  private final NearSwarms swarms = new NearSwarms();
  private ProxyFixture first;
  private ProxyFixture second;

  @BeforeEach
  void start() throws IOException {
    first = new ProxyFixture("first", folder, origins, swarms, SETTINGS);
    second = new ProxyFixture("second", folder, origins, swarms, SETTINGS);
  }

  @AfterEach
  void stop() throws IOException {
    second.close();
    first.close();
    swarms.close();
  }

  @Test
  void ingest_thatMoves_goesOnWithWhatTheFirstProxyHas() throws Exception {
    ProxyFixture.join(first);
    CompletableFuture<Done> goOn = new CompletableFuture<>();
    List<byte[]> contents = new ArrayList<>();
    List<FakeOriginBlobs> origin = new ArrayList<>();
    for (int i = 0; i < BLOBS; i++) {
      byte[] content = Blobs.content(12 * PIECE + i);
      contents.add(content);
      FakeOriginBlobs slow = origins.with(content);
      origin.add(slow);
      slow.throttled(body ->
          body.mapAsync(
              1,
              chunk ->
                  slow.sentBytes() < 3L * PIECE
                      ? CompletableFuture.completedStage(chunk)
                      : goOn.thenApply(_ -> chunk)));
      LiveBlob blob = ((ProxyLayers.Here) first.open(content, false)).blob();
      assertThat(blob.generation()).isZero();
    }
    for (FakeOriginBlobs each : origin) {
      Awaitility.await().until(() -> each.sentBytes() >= 3L * PIECE);
    }

    ProxyFixture.join(first, second);

    List<Integer> moved = new ArrayList<>();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> {
          moved.clear();
          for (int i = 0; i < BLOBS; i++) {
            if (second.open(contents.get(i), true) instanceof ProxyLayers.Here) {
              moved.add(i);
            }
          }
          assertThat(moved).isNotEmpty();
        });
    goOn.complete(Done.getInstance());
    for (int i : moved) {
      byte[] content = contents.get(i);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .untilAsserted(() ->
              assertThat(second.read(((ProxyLayers.Here) second.open(content, true)).blob()))
                  .isEqualTo(content));
      assertThat(swarms.exchanged(Digest.sha256Of(content))).isPositive();
      assertThat(origin.get(i).sentBytes())
          .as("sent by the origin of blob %d", i)
          .isLessThanOrEqualTo(content.length + UNDER_WAY);
    }
  }
}
