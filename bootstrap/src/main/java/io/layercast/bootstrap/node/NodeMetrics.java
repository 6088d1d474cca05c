package io.layercast.bootstrap.node;

import akka.actor.typed.ActorSystem;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import io.layercast.bootstrap.metrics.Metrics;
import io.layercast.engine.SpaceGuard;
import io.layercast.engine.Swarms;
import io.layercast.engine.rate.RateLimiter;
import io.layercast.engine.store.BlobStore;
import io.layercast.engine.store.ManifestStore;
import io.layercast.engine.store.SpaceSettings;
import io.layercast.registry.OriginCounts;
import io.layercast.swarm.SwarmNode;
import io.layercast.tracker.TrackerCounts;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import java.util.function.ToLongFunction;
import java.util.stream.StreamSupport;

/** Which of a node's numbers are told under which name; docs/operations.md lists them. */
final class NodeMetrics {
  private static final String BYTES = "layercast_layer_bytes_total";
  private static final String BYTES_HELP =
      "Layer bytes by direction and by whom they were exchanged with; used ones only.";

  private static final List<MemberStatus> STATUSES =
      List.of(
          MemberStatus.joining(),
          MemberStatus.weaklyUp(),
          MemberStatus.up(),
          MemberStatus.leaving(),
          MemberStatus.exiting(),
          MemberStatus.down());

  private final Metrics metrics;
  private final String role;

  /**
   * @param role the label of everything that an agent and a proxy in one process both have
   */
  NodeMetrics(Metrics metrics, String role) {
    this.metrics = metrics;
    this.role = role;
  }

  void swarms(CountedSwarms swarms, SwarmNode listening) {
    bytes("in", "proxies", swarms, Swarms.Traffic::fromSeeds);
    bytes("in", "agents", swarms, Swarms.Traffic::fromPeers);
    bytes("out", "peers", swarms, Swarms.Traffic::uploaded);
    metrics.counter(
        "layercast_wasted_bytes_total",
        "Layer bytes that came and were not used: wrong or twice.",
        () -> swarms.total().wasted(),
        "role",
        role);
    gauge("layercast_swarms", "Swarms this node is in, one for each layer.", swarms::count);
    gauge("layercast_peers", "Peers in all swarms.", () -> swarms.total().peers());
    gauge(
        "layercast_peer_connections",
        "Open connections of peers, those that have proven nothing yet included.",
        listening::connections);
  }

  private void bytes(
      String direction, String with, CountedSwarms swarms, ToLongFunction<Swarms.Traffic> part) {
    metrics.counter(
        BYTES,
        BYTES_HELP,
        () -> part.applyAsLong(swarms.total()),
        "role",
        role,
        "direction",
        direction,
        "with",
        with);
  }

  void limits(RateLimiter download, RateLimiter upload) {
    limit("in", download);
    limit("out", upload);
  }

  private void limit(String direction, RateLimiter limiter) {
    String[] labels = {"role", role, "direction", direction};
    metrics.counter(
        "layercast_limited_bytes_total",
        "Layer bytes that passed a limit of this node, whatever became of them.",
        limiter::passedBytes,
        labels);
    metrics.gauge(
        "layercast_limit_bytes_per_second",
        "The limit in force; 0 is unlimited.",
        limiter::rate,
        labels);
  }

  void liveLimits(LiveLimits limits) {
    String name = "layercast_config_changes_total";
    String help = "Edits of layercast.conf since the start.";
    metrics.counter(name, help, limits::appliedCount, "role", role, "result", "applied");
    metrics.counter(name, help, limits::refusedCount, "role", role, "result", "refused");
  }

  void store(BlobStore store, SpaceGuard guard, SpaceSettings settings) {
    gauge(
        "layercast_cache_bytes",
        "What the layers on this disk take.",
        () -> store.space().totalBytes());
    gauge("layercast_cache_blobs", "Layers on this disk.", () -> store.space().blobs());
    gauge("layercast_cache_quota_bytes", "The quota; 0 is none.", settings::quotaBytes);
    gauge("layercast_disk_free_bytes", "What the disk has left for us.", guard::freeBytes);
    gauge(
        "layercast_disk_short",
        "1 while less is free than the floor.",
        () -> guard.isShort() ? 1 : 0);
    metrics.counter(
        "layercast_evicted_blobs_total", "Layers evicted.", guard::evictedBlobs, "role", role);
    metrics.counter(
        "layercast_evicted_bytes_total",
        "Bytes of layers evicted.",
        guard::evictedBytes,
        "role",
        role);
  }

  void proxies(CountedCatalog catalog) {
    metrics.counter(
        BYTES, BYTES_HELP, catalog::bytes, "role", role, "direction", "in", "with", "proxies_http");
  }

  void origin(OriginCounts origin, ManifestStore manifests) {
    metrics.counter(
        BYTES, BYTES_HELP, origin::layerBytes, "role", role, "direction", "in", "with", "origin");
    origin
        .answers()
        .forEach((status, count) ->
            metrics.counter(
                "layercast_origin_requests_total",
                "Requests to the origin by the status of its answer, redirects followed.",
                count::sum,
                "status",
                status));
    metrics.gauge("layercast_manifest_cache_bytes", "What the manifests take.", manifests::bytes);
  }

  void tracker(TrackerCounts tracker) {
    metrics.gauge(
        "layercast_tracker_active",
        "1 on the node that the tracker runs on.",
        () -> tracker.isHere() ? 1 : 0);
    metrics.gauge("layercast_tracker_swarms", "Swarms the tracker knows.", tracker::swarms);
    metrics.gauge(
        "layercast_tracker_peers",
        "Peers the tracker knows, once for each swarm they are in.",
        tracker::peers);
    metrics.counter(
        "layercast_tracker_announces_total",
        "Swarms that were announced to the tracker on this node.",
        tracker::announces);
    metrics.counter(
        "layercast_tracker_refused_total",
        "Swarms that were announced and the peer not listed in, for want of room.",
        tracker::refusals);
  }

  /** Members of the cluster as this one sees them. */
  void cluster(ActorSystem<?> system) {
    Cluster cluster = Cluster.get(system);
    for (MemberStatus status : STATUSES) {
      metrics.gauge(
          "layercast_cluster_members",
          "Members of the cluster by status.",
          () ->
              StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
                  .filter(member -> member.status().equals(status))
                  .count(),
          "status",
          status.toString().toLowerCase(Locale.ROOT));
    }
    metrics.gauge(
        "layercast_cluster_unreachable_members",
        "Members that this one cannot reach.",
        () -> cluster.state().getUnreachable().size());
  }

  private void gauge(String name, String help, DoubleSupplier value) {
    metrics.gauge(name, help, value, "role", role);
  }
}
