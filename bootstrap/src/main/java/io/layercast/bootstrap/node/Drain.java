package io.layercast.bootstrap.node;

import akka.actor.CoordinatedShutdown;
import akka.cluster.Cluster;
import akka.cluster.ClusterEvent;
import akka.cluster.MemberStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * How a server of ours ends when its node is told to stop: a grace for the requests that run, and
 * none that is new, but for an agent, whom nobody stands in for. A proxy with others beside it
 * leaves the cluster first, so that they have its layers within seconds, and lets running requests
 * go on meanwhile and afterwards; one that is the last has nobody to leave its layers to and gives
 * the requests their grace first.
 */
final class Drain {
  /** A phase of Akka's coordinated shutdown, after the cluster; akka.conf has its place. */
  static final String PHASE = "layercast-drain";

  /** The one after it, in which what served those requests ends. */
  static final String DRAINED = "layercast-drained";

  private Drain() {}

  /**
   * Has {@code terminate} called with {@code grace} when the node stops.
   *
   * @param role of those who can take over; none on a node outside the cluster
   */
  static void onStop(
      Node node,
      String name,
      String role,
      Duration grace,
      Function<Duration, CompletionStage<?>> terminate) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    node.onStop(
        CoordinatedShutdown.PhaseServiceUnbind(),
        name + "-unbind",
        () -> {
          var _ = terminate.apply(grace).whenComplete((_, _) -> done.complete(null));
        });
    node.onStop(
        CoordinatedShutdown.PhaseServiceRequestsDone(),
        name + "-last",
        () -> hasOthers(node, role) ? CompletableFuture.completedStage(null) : done);
    node.onStop(PHASE, name + "-drain", () -> done);
  }

  private static boolean hasOthers(Node node, String role) {
    if (!node.isMember()) {
      return false;
    }
    Cluster cluster = Cluster.get(node.system());
    ClusterEvent.CurrentClusterState state = cluster.state();
    for (var member : state.getMembers()) {
      if (member.hasRole(role)
          && member.status().equals(MemberStatus.up())
          && !member.uniqueAddress().equals(cluster.selfUniqueAddress())
          && !state.getUnreachable().contains(member)) {
        return true;
      }
    }
    return false;
  }
}
