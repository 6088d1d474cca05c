package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.receptionist.Receptionist;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import akka.stream.SystemMaterializer;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.rate.RateLimiter;
import io.layercast.engine.store.BlobStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two proxies in one cluster, over loopback; whichever runs the actor, callers find the bytes. */
class TwoProxiesTest {
  private static final OriginOfAll ORIGIN = new OriginOfAll();

  private static final class Proxy {
    final String address;
    final ActorTestKit kit;
    final BlobStore store;
    final LiveBlobs blobs;
    final ProxyLayers layers;

    Proxy(String name, Path folder) throws IOException {
      address = name + ":5005";
      kit =
          ActorTestKit.create(
              "TwoProxiesTest",
              ConfigFactory.parseString(
                      """
                      akka.actor.provider = cluster
                      akka.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                      akka.cluster.roles = [proxy]
                      akka.cluster.jmx.enabled = off
                      akka.coordinated-shutdown.run-by-actor-system-terminate = off
                      """)
                  .withFallback(ConfigFactory.load()));
      Executor disk =
          kit.system()
              .dispatchers()
              .lookup(DispatcherSelector.fromConfig(EngineSettings.DISK_DISPATCHER));
      store = BlobStore.open(folder.resolve(name));
      blobs = new LiveBlobs(store, new FakeSwarms(), disk);
      PieceInflow inflow =
          new PieceInflow(
              new PieceBuffers(32 * 1024 * 1024),
              RateLimiter.create(0, kit.system()),
              disk,
              SystemMaterializer.get(kit.system()).materializer());
      layers =
          ProxyLayers.create(
              kit.system(),
              new ProxyNode(
                  blobs,
                  ORIGIN,
                  Blobs.TICKETS,
                  inflow,
                  disk,
                  EngineSettings.from(kit.system().settings().config()),
                  address));
    }

    ProxyLayers.Opened open(byte[] content, boolean granted) throws Exception {
      return layers
          .open(Blobs.ALICE, Digest.sha256Of(content), OptionalLong.empty(), granted)
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
    }

    void stop() throws IOException {
      kit.shutdownTestKit();
      blobs.close();
      store.close();
    }
  }

  @TempDir private static Path folder;
  private static Proxy first;
  private static Proxy second;

  @BeforeAll
  static void start() throws IOException {
    first = new Proxy("first", folder);
    second = new Proxy("second", folder);
    var seed = Cluster.get(first.kit.system()).selfMember().address();
    for (Proxy proxy : new Proxy[] {first, second}) {
      Cluster.get(proxy.kit.system()).manager().tell(Join.create(seed));
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> known(first) == 2 && known(second) == 2);
  }

  /** How many proxies this one knows to answer for what they hold: it takes a gossip to know. */
  private static int known(Proxy proxy) {
    return AskPattern.<Receptionist.Command, Receptionist.Listing>ask(
            proxy.kit.system().receptionist(),
            replyTo -> Receptionist.find(Holders.KEY, replyTo),
            Duration.ofSeconds(3),
            proxy.kit.system().scheduler())
        .toCompletableFuture()
        .join()
        .getServiceInstances(Holders.KEY)
        .size();
  }

  @AfterAll
  static void stop() throws IOException {
    second.stop();
    first.stop();
  }

  @Test
  void open_onBothProxies_ingestsOnOneAndSendsTheOtherThere() throws Exception {
    for (int i = 0; i < 4; i++) { // digests that shard to either
      byte[] content = Blobs.content(600_000 + i);
      FakeOriginBlobs origin = ORIGIN.with(content);
      ProxyLayers.Opened here = first.open(content, false);
      ProxyLayers.Opened there = second.open(content, true);
      boolean onFirst = here instanceof ProxyLayers.Here;
      Proxy owner = onFirst ? first : second;
      assertThat(onFirst ? there : here).isEqualTo(new ProxyLayers.Elsewhere(owner.address));
      assertThat(onFirst ? here : there).isInstanceOf(ProxyLayers.Here.class);
      assertThat(second.open(content, false))
          .isInstanceOfAny(ProxyLayers.NeedsConsent.class, ProxyLayers.Elsewhere.class);
      assertThat(origin.sentBytes()).isLessThanOrEqualTo(content.length);
    }
  }

  @Test
  void open_ofABlobThatAnotherProxyHolds_asksNoOrigin() throws Exception {
    for (int i = 0; i < 4; i++) {
      byte[] content = Blobs.content(500_000 + i);
      FakeOriginBlobs origin = ORIGIN.with(content);
      LiveBlob blob =
          second
              .blobs
              .host(
                  Blobs.TICKETS.of(
                      Digest.sha256Of(content), PieceLayout.forSize(content.length), 0),
                  false)
              .blob();
      Blobs.learnAll(blob, content);
      for (int piece = 0; piece < blob.layout().pieceCount(); piece++) {
        Blobs.store(blob, content, piece);
      }
      blob.seal();
      Awaitility.await()
          .untilAsserted(() ->
              assertThat(first.open(content, true))
                  .isEqualTo(new ProxyLayers.Elsewhere(second.address)));
      assertThat(first.open(content, false)).isInstanceOf(ProxyLayers.NeedsConsent.class);
      assertThat(origin.asked()).isEmpty();
    }
  }
}
