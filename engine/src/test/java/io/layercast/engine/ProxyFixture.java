package io.layercast.engine;

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
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A proxy with everything but its HTTP API, in a cluster over loopback. */
final class ProxyFixture implements AutoCloseable {
  final String address;
  final ActorTestKit kit;
  final LiveBlobs blobs;
  final ProxyLayers layers;
  private final BlobStore store;

  /**
   * @param overrides configuration above the defaults
   */
  ProxyFixture(String name, Path folder, OriginBlobs origin, Swarms swarms, String overrides)
      throws IOException {
    address = name + ":5005";
    kit =
        ActorTestKit.create(
            "proxies",
            ConfigFactory.parseString(
                    overrides
                        + """

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
    blobs = new LiveBlobs(store, swarms, disk);
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
                origin,
                Blobs.TICKETS,
                inflow,
                disk,
                EngineSettings.from(kit.system().settings().config()),
                address));
  }

  /** Joins them to one cluster and waits until each knows what the others hold. */
  static void join(ProxyFixture... proxies) {
    var seed = Cluster.get(proxies[0].kit.system()).selfMember().address();
    for (ProxyFixture proxy : proxies) {
      Cluster.get(proxy.kit.system()).manager().tell(Join.create(seed));
    }
    for (ProxyFixture proxy : proxies) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> proxy.known() == proxies.length);
    }
  }

  /** How many proxies this one knows to answer for what they hold: it takes a gossip to know. */
  private int known() {
    return AskPattern.<Receptionist.Command, Receptionist.Listing>ask(
            kit.system().receptionist(),
            replyTo -> Receptionist.find(Holders.KEY, replyTo),
            Duration.ofSeconds(3),
            kit.system().scheduler())
        .toCompletableFuture()
        .join()
        .getServiceInstances(Holders.KEY)
        .size();
  }

  ProxyLayers.Opened open(byte[] content, boolean granted) throws Exception {
    return open(content, granted, Optional.empty());
  }

  ProxyLayers.Opened open(byte[] content, boolean granted, Optional<LayerNews.PieceKnown> held)
      throws Exception {
    return layers
        .open(Blobs.ALICE, Digest.sha256Of(content), OptionalLong.of(content.length), granted, held)
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  byte[] read(LiveBlob blob) throws Exception {
    return Blobs.collect(blob.read(0, OptionalLong.empty()), kit.system())
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    kit.shutdownTestKit();
    blobs.close();
    store.close();
  }
}
