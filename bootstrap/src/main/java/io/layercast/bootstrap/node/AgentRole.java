package io.layercast.bootstrap.node;

import akka.actor.typed.ActorSystem;
import akka.discovery.Discovery;
import akka.http.javadsl.server.Directives;
import akka.http.javadsl.server.Route;
import com.typesafe.config.Config;
import io.layercast.bootstrap.metrics.PullMetrics;
import io.layercast.engine.AgentLayers;
import io.layercast.engine.AgentNode;
import io.layercast.engine.ClusterCredential;
import io.layercast.engine.EngineSettings;
import io.layercast.engine.NameLookup;
import io.layercast.engine.WatchedFiles;
import io.layercast.registry.AgentFront;
import io.layercast.registry.FrontServer;
import io.layercast.registry.ProxiesSettings;
import io.layercast.registry.ProxyClient;
import io.layercast.registry.ProxyDoor;
import io.layercast.registry.ProxyTls;
import io.layercast.registry.RegistrySettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** An agent: the registry front of one machine, fed by the swarm. */
public final class AgentRole {
  private static final String KEYS = "layercast.bootstrap.agent";

  private AgentRole() {}

  /**
   * Starts one as a process of its own.
   *
   * @param config as the command line loads it
   * @throws IOException when it cannot listen or use its data folder
   */
  public static RunningNode start(Config config) throws IOException, InterruptedException {
    if (config.getStringList("layercast.registry.proxies.addresses").isEmpty()) {
      throw new IOException(
          "an agent needs at least one --proxy HOST:PORT (layercast.registry.proxies.addresses)");
    }
    return Node.alone(config, AgentRole::startIn);
  }

  /** Starts one in a system that may hold other roles. */
  static void startIn(Node node) throws IOException, InterruptedException {
    ActorSystem<Void> system = node.system();
    PeerEndpoint peers = PeerEndpoint.of(node.config(), KEYS + ".peer-address", "");
    Supplier<Optional<ClusterCredential>> credential = credential(node);
    NameLookup lookup = lookup(node);
    Parts parts = Parts.start(node, "agent", peers, Optional.empty(), lookup, credential);
    RegistrySettings settings = RegistrySettings.from(peers.bindRequests(node.config()));
    ProxyDoor door = door(system, settings.proxies(), credential);
    ProxyClient proxies = ProxyClient.create(system, settings.proxies(), door, lookup);
    CountedCatalog catalog = new CountedCatalog(proxies);
    new NodeMetrics(node.metrics(), "agent").proxies(catalog);
    AgentLayers layers =
        AgentLayers.create(
            system,
            new AgentNode(
                parts.blobs(),
                catalog,
                parts.inflow(),
                parts.buffers(),
                parts.download(),
                parts.disk(),
                new PullMetrics(node.metrics()),
                EngineSettings.from(node.config())));
    Route route =
        Directives.concat(
            AgentStats.route(parts.swarms(), catalog), AgentFront.create(system, proxies, layers));
    HostPort listen = node.settings().agent().listen();
    FrontServer front =
        NodeSystem.await(
            "listen at " + listen,
            FrontServer.bind(
                system,
                settings.server().forOneAddress(),
                route,
                addresses(listen),
                Optional.empty()));
    Drain.onStop(node, "agent-front", "", node.settings().agent().stopGrace(), front::serveOut);
    front
        .addresses()
        .forEach(address -> node.serves("http://" + HostPort.of(address), Optional.empty()));
    node.listens(
        "registry",
        front.addresses().stream()
            .map(address -> "http://" + HostPort.of(address))
            .collect(Collectors.joining(" ")));
  }

  private static Supplier<Optional<ClusterCredential>> credential(Node node) throws IOException {
    Optional<Path> file = node.settings().agent().credentialFile();
    if (file.isEmpty()) {
      return Optional::empty;
    }
    var watched =
        WatchedFiles.start(
            node.system(), List.of(file.get()), one -> ClusterCredential.parse(one.getFirst()));
    return () -> Optional.of(watched.get());
  }

  private static NameLookup lookup(Node node) {
    BootstrapSettings settings = node.settings();
    return switch (settings.agent().names()) {
      case DNS -> NameLookup.DNS;
      case KUBERNETES_API ->
          new PodNames(
              Discovery.get(node.system()).loadServiceDiscovery(KubernetesPods.METHOD),
              settings.kubernetes().keep(),
              System::nanoTime);
    };
  }

  private static ProxyDoor door(
      ActorSystem<?> system,
      ProxiesSettings settings,
      Supplier<Optional<ClusterCredential>> credential)
      throws IOException {
    return new ProxyDoor(
        settings.caFile().isEmpty()
            ? Optional.empty()
            : Optional.of(ProxyTls.client(system, settings.caFile().get(), settings.serverName())),
        credential);
  }

  /**
   * {@code localhost} is both loopback addresses, as runtimes may take either; ::1 if there is one.
   */
  private static List<InetSocketAddress> addresses(HostPort listen) throws IOException {
    if (!listen.host().equals("localhost")) {
      return List.of(listen.toSocketAddress());
    }
    InetSocketAddress v4 = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), listen.port());
    InetAddress v6 = InetAddress.ofLiteral("::1");
    return Loopback.has(v6) ? List.of(v4, new InetSocketAddress(v6, listen.port())) : List.of(v4);
  }
}
