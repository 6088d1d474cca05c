package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import akka.Done;
import akka.NotUsed;
import akka.stream.javadsl.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A layer's actor ends when it has nothing to do, and not before. */
class IdleLayerTest {
  private static final OriginOfAll ORIGIN = new OriginOfAll();
  private static final Duration IDLE = Duration.ofMillis(100);

  @TempDir private static Path folder;
  private static ProxyFixture proxy;

  @BeforeAll
  static void start() throws IOException {
    proxy =
        new ProxyFixture(
            "proxy",
            folder,
            ORIGIN,
            new FakeSwarms(),
            "layercast.engine.layer.idle-timeout = " + IDLE.toMillis() + "ms");
    ProxyFixture.join(proxy);
  }

  @AfterAll
  static void stop() throws IOException {
    proxy.close();
  }

  @Test
  void ingest_longerThanManyIdleTimeoutsWithOneWaiter_isNotCut() throws Exception {
    byte[] content = Blobs.content(2_000_001);
    CompletableFuture<Done> gate = new CompletableFuture<>();
    FakeOriginBlobs origin =
        ORIGIN
            .with(content)
            .throttled(body ->
                Source.completionStageSource(gate.thenApply(_ -> body))
                    .mapMaterializedValue(_ -> NotUsed.getInstance()));
    LiveBlob blob = ((ProxyLayers.Here) proxy.open(content, false)).blob();
    var read = Blobs.collect(blob.read(0, OptionalLong.empty()), proxy.kit.system());
    long start = System.nanoTime();
    Awaitility.await().until(() -> System.nanoTime() - start > 10 * IDLE.toNanos());
    assertThat(read.toCompletableFuture()).isNotDone();

    gate.complete(Done.getInstance());
    assertThat(read.toCompletableFuture().get(20, TimeUnit.SECONDS)).isEqualTo(content);
    assertThat(origin.sentBytes()).isEqualTo(content.length);
  }

  @Test
  void layer_thatWasIdle_isServedAgainWithoutTheOrigin() throws Exception {
    byte[] content = Blobs.content(2_000_002);
    FakeOriginBlobs origin = ORIGIN.with(content);
    assertThat(proxy.read(((ProxyLayers.Here) proxy.open(content, false)).blob()))
        .isEqualTo(content);
    long start = System.nanoTime();
    Awaitility.await().until(() -> System.nanoTime() - start > 5 * IDLE.toNanos());
    assertThat(proxy.read(((ProxyLayers.Here) proxy.open(content, true)).blob()))
        .isEqualTo(content);
    assertThat(origin.sentBytes()).isEqualTo(content.length);
  }
}
