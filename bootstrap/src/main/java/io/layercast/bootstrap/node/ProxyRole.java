package io.layercast.bootstrap.node;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.HttpsConnectionContext;
import akka.http.javadsl.server.Route;
import com.typesafe.config.Config;
import io.layercast.engine.ClusterCredential;
import io.layercast.engine.EngineSettings;
import io.layercast.engine.LiveBlobs;
import io.layercast.engine.NameLookup;
import io.layercast.engine.ProxyLayers;
import io.layercast.engine.ProxyNode;
import io.layercast.engine.ProxyTickets;
import io.layercast.engine.SwarmKeys;
import io.layercast.engine.store.ManifestStore;
import io.layercast.engine.store.SpaceSettings;
import io.layercast.registry.FrontServer;
import io.layercast.registry.OriginClient;
import io.layercast.registry.ProxyDoor;
import io.layercast.registry.ProxyFront;
import io.layercast.registry.ProxyTls;
import io.layercast.registry.RegistrySettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A proxy: its share of the layer actors, its store in the swarms, and the API agents ask. */
public final class ProxyRole {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyRole.class);
  private static final String KEYS = "layercast.bootstrap.proxy";

  private ProxyRole() {}

  /**
   * Starts one as a process of its own.
   *
   * @param config as the command line loads it
   * @throws IOException when it cannot listen, use its data folder or get into the cluster
   */
  public static RunningNode start(Config config) throws IOException, InterruptedException {
    ClusterKeyFile key =
        ClusterKeyFile.open(config.getString("layercast.bootstrap.cluster.key-file"));
    String role = EngineSettings.from(config).layer().role();
    return Node.member(
        config,
        List.of(role),
        node -> {
          startIn(node, key);
          new NodeMetrics(node.metrics(), "proxy").cluster(node.system());
        },
        ProxyRole::awaitCluster);
  }

  /** A proxy without a cluster is of use: it serves what it has on disk. */
  private static void awaitCluster(Node node) throws InterruptedException {
    if (!NodeSystem.isUpWithin(node.system(), node.settings().cluster().joinTimeout())) {
      LOG.warn("has found no cluster yet; serves the layers on disk and goes on looking");
    }
  }

  /** Starts one in a system that is, or is becoming, a member of role {@code proxy}. */
  static HostPort startIn(Node node, ClusterKeyFile key) throws IOException, InterruptedException {
    ActorSystem<Void> system = node.system();
    Config config = node.config();
    String reachedAt = node.settings().cluster().address().host();
    PeerEndpoint peers = PeerEndpoint.of(config, KEYS + ".peer-address", reachedAt);
    SwarmKeys keys = key.keys();
    Supplier<Optional<ClusterCredential>> credential =
        () -> Optional.of(ClusterCredential.of(keys));
    Parts parts = Parts.start(node, "proxy", peers, Optional.of(keys), NameLookup.DNS, credential);
    RegistrySettings settings = RegistrySettings.from(peers.bindRequests(config));
    ProxyDoor others = new ProxyDoor(clientTls(system, settings), credential);
    OriginClient origin = OriginClient.create(system, settings.origin());
    ManifestStore manifests =
        ManifestStore.open(node.settings().proxy().data(), SpaceSettings.from(config));
    new NodeMetrics(node.metrics(), "proxy").origin(origin.counts(), manifests);
    LiveBlobs blobs = parts.blobs();
    ProxyTickets tickets = new ProxyTickets(keys, parts.peers().address());
    HostPort listen = node.settings().proxy().apiAddress();
    HostPort reached =
        listen.toSocketAddress().getAddress().isAnyLocalAddress()
            ? new HostPort(reachedAt, listen.port())
            : listen;
    ProxyLayers layers =
        ProxyLayers.create(
            system,
            new ProxyNode(
                blobs,
                origin,
                tickets,
                parts.inflow(),
                parts.disk(),
                EngineSettings.from(config),
                reached.toString()));
    Route route =
        ProxyFront.create(
            system,
            settings,
            origin,
            layers,
            manifests,
            keys,
            new TorrentMaker(
                keys,
                parts.directory(),
                parts.disk(),
                config.getStringList("layercast.tracker.client.addresses")),
            parts.download(),
            parts.upload(),
            others);
    FrontServer api =
        NodeSystem.await(
            "listen at " + listen,
            FrontServer.bind(
                system,
                settings.server(),
                route,
                List.of(listen.toSocketAddress()),
                serverTls(system, settings)));
    Drain.onStop(
        node,
        "proxy-api",
        EngineSettings.from(config).layer().role(),
        node.settings().proxy().stopGrace(),
        api::terminate);
    HostPort bound = HostPort.of(api.addresses().getFirst());
    String url = (others.https().isPresent() ? "https://" : "http://") + bound;
    node.listens("api", url);
    node.serves(url, others.https());
    parts.disk().execute(() -> LOG.info("seeds {} layers of its store", blobs.seedAll(tickets)));
    key.watch(system, () -> blobs.rename(tickets));
    return bound;
  }

  private static Optional<HttpsConnectionContext> serverTls(
      ActorSystem<?> system, RegistrySettings settings) throws IOException {
    Optional<Path> folder = settings.proxyApi().tlsFolder();
    return folder.isEmpty() ? Optional.empty() : Optional.of(ProxyTls.server(system, folder.get()));
  }

  private static Optional<HttpsConnectionContext> clientTls(
      ActorSystem<?> system, RegistrySettings settings) throws IOException {
    Optional<Path> folder = settings.proxyApi().tlsFolder();
    return folder.isEmpty()
        ? Optional.empty()
        : Optional.of(
            ProxyTls.client(
                system, folder.get().resolve("ca.crt"), settings.proxies().serverName()));
  }
}
