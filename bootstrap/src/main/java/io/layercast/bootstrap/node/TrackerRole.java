package io.layercast.bootstrap.node;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import com.typesafe.config.Config;
import io.layercast.engine.SwarmKeys;
import io.layercast.registry.Callers;
import io.layercast.registry.FrontPort;
import io.layercast.registry.RegistrySettings;
import io.layercast.tracker.Tracker;
import io.layercast.tracker.TrackerCounts;
import io.layercast.tracker.TrackerRoutes;
import io.layercast.tracker.TrackerSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A tracker: the singleton, or the way to it, behind its HTTP side. */
public final class TrackerRole {
  /** An announce takes milliseconds. */
  private static final Duration ANNOUNCE_GRACE = Duration.ofSeconds(1);

  private TrackerRole() {}

  /**
   * Starts one as a process of its own.
   *
   * @param config as the command line loads it
   * @throws IOException when it cannot listen, or does not get into the cluster
   */
  public static RunningNode start(Config config) throws IOException, InterruptedException {
    ClusterKeyFile key =
        ClusterKeyFile.open(config.getString("layercast.bootstrap.cluster.key-file"));
    return Node.member(
        config,
        List.of(Tracker.ROLE),
        node -> {
          startIn(node, key);
          new NodeMetrics(node.metrics(), "tracker").cluster(node.system());
        },
        NodeSystem::awaitUp);
  }

  /** Starts one in a system that is, or is becoming, a member of role {@code tracker}. */
  static HostPort startIn(Node node, ClusterKeyFile key) throws IOException, InterruptedException {
    ActorSystem<Void> system = node.system();
    SwarmKeys keys = key.keys();
    key.watch(system, () -> {});
    TrackerSettings settings = TrackerSettings.from(node.config());
    HostPort listen = node.settings().trackerListen();
    TrackerCounts counts = new TrackerCounts();
    ActorRef<Tracker.Command> tracker = Tracker.init(system, keys, settings, counts);
    new NodeMetrics(node.metrics(), "tracker").tracker(counts);
    RegistrySettings.Server bounds = RegistrySettings.from(node.config()).server();
    var answers = FrontPort.executor(system.classicSystem());
    var routes = TrackerRoutes.create(system, tracker, keys, settings, answers);
    FrontPort port =
        FrontPort.bind(
            system.classicSystem(),
            TrackerRoutes.serverSettings(system).withMaxConnections(bounds.maxConnections()),
            new Callers(bounds).bounded(routes),
            listen.toSocketAddress());
    HostPort bound = HostPort.of(port.address());
    Drain.onStop(
        node,
        "tracker-http",
        Tracker.ROLE,
        ANNOUNCE_GRACE,
        grace -> port.unbind().thenCompose(_ -> port.terminate(grace)));
    node.listens("tracker", "http://" + bound + "/announce");
    node.serves("http://" + bound, Optional.empty());
    return bound;
  }
}
