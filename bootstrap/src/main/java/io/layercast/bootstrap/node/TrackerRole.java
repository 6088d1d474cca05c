package io.layercast.bootstrap.node;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.http.javadsl.ServerBinding;
import com.typesafe.config.Config;
import io.layercast.engine.SwarmKeys;
import io.layercast.tracker.Tracker;
import io.layercast.tracker.TrackerCounts;
import io.layercast.tracker.TrackerRoutes;
import io.layercast.tracker.TrackerSettings;
import java.io.IOException;
import java.util.List;

/** A tracker: the singleton, or the way to it, behind its HTTP side. */
public final class TrackerRole {
  private TrackerRole() {}

  /**
   * Starts one as a process of its own.
   *
   * @param config as the command line loads it
   * @throws IOException when it cannot listen, or does not get into the cluster
   */
  public static RunningNode start(Config config) throws IOException, InterruptedException {
    SwarmKeys keys = ClusterKeyFile.read(config.getString("layercast.bootstrap.cluster.key-file"));
    return Node.start(
        NodeSystem.member(config, List.of(Tracker.ROLE)),
        node -> {
          startIn(node, keys);
          new NodeMetrics(node.metrics(), "tracker").cluster(node.system());
          Management.start(node);
          NodeSystem.awaitUp(node.system());
        });
  }

  /** Starts one in a system that is, or is becoming, a member of role {@code tracker}. */
  static HostPort startIn(Node node, SwarmKeys keys) throws IOException, InterruptedException {
    ActorSystem<Void> system = node.system();
    TrackerSettings settings = TrackerSettings.from(node.config());
    HostPort listen = HostPort.parse(node.config().getString("layercast.bootstrap.tracker.listen"));
    TrackerCounts counts = new TrackerCounts();
    ActorRef<Tracker.Command> tracker = Tracker.init(system, keys, settings, counts);
    new NodeMetrics(node.metrics(), "tracker").tracker(counts);
    ServerBinding binding =
        NodeSystem.await(
            "listen at " + listen,
            TrackerRoutes.bind(
                system,
                listen.host(),
                listen.port(),
                TrackerRoutes.create(system, tracker, keys, settings)));
    HostPort bound = HostPort.of(binding.localAddress());
    node.listens("tracker", "http://" + bound + "/announce");
    return bound;
  }
}
