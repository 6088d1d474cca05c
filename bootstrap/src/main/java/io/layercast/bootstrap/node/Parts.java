package io.layercast.bootstrap.node;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.stream.SystemMaterializer;
import com.typesafe.config.Config;
import io.layercast.engine.ClusterCredential;
import io.layercast.engine.EngineSettings;
import io.layercast.engine.IdleNode;
import io.layercast.engine.LiveBlobs;
import io.layercast.engine.NameLookup;
import io.layercast.engine.PeerDirectory;
import io.layercast.engine.PieceBudget;
import io.layercast.engine.PieceBuffers;
import io.layercast.engine.PieceInflow;
import io.layercast.engine.SpaceGuard;
import io.layercast.engine.SwarmKeys;
import io.layercast.engine.rate.RateLimiter;
import io.layercast.engine.store.BlobStore;
import io.layercast.engine.store.SpaceSettings;
import io.layercast.engine.store.StoreSettings;
import io.layercast.swarm.SwarmNode;
import io.layercast.swarm.SwarmSettings;
import io.layercast.swarm.wire.PeerId;
import io.layercast.tracker.PeerIdentity;
import io.layercast.tracker.TrackerClient;
import io.layercast.tracker.TrackerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What agents and proxies have in common: a store, the two limits, the buffers and a place in the
 * swarms. Ends with the node's system.
 */
record Parts(
    BlobStore store,
    RateLimiter download,
    RateLimiter upload,
    PieceBuffers buffers,
    PieceInflow inflow,
    Executor disk,
    PeerDirectory directory,
    SwarmNode peers,
    CountedSwarms swarms,
    LiveBlobs blobs) {

  /**
   * Starts them from {@code layercast.bootstrap.<role>}.
   *
   * @param keys of a proxy, which may register aliases
   * @param lookup of the trackers' names
   * @param credential of the cluster, where this node has it
   */
  static Parts start(
      Node node,
      String role,
      PeerEndpoint peers,
      Optional<SwarmKeys> keys,
      NameLookup lookup,
      Supplier<Optional<ClusterCredential>> credential)
      throws IOException, InterruptedException {
    ActorSystem<Void> system = node.system();
    Config config = peers.bindRequests(node.config());
    Config own = config.getConfig("layercast.bootstrap." + role);
    BlobStore store = BlobStore.open(Path.of(own.getString("data")), StoreSettings.from(config));
    node.onStop(
        CoordinatedShutdown.PhaseBeforeActorSystemTerminate(), role + "-store", () -> close(store));
    RateLimiter download = RateLimiter.create(LiveRates.rate(own, "download-rate"), system);
    RateLimiter upload = RateLimiter.create(LiveRates.rate(own, "upload-rate"), system);
    NodeMetrics metrics = new NodeMetrics(node.metrics(), role);
    metrics.limits(download, upload);
    String folder = config.getString("layercast.bootstrap.config-folder");
    if (!folder.isEmpty()) {
      LiveLimits live =
          LiveLimits.start(role, Path.of(folder, LiveLimits.FILE), download, upload, node.config());
      live.repeat(system);
      metrics.liveLimits(live);
    }
    PieceBuffers buffers = new PieceBuffers(PieceBudget.from(config), download::rate);
    SwarmSettings swarm = SwarmSettings.from(config);
    PieceBuffers sendBuffers = new PieceBuffers(swarm.transfer().sendBufferBytes());
    IdleNode.start(system, config, store, List.of(buffers, sendBuffers));
    Executor disk =
        system.dispatchers().lookup(DispatcherSelector.fromConfig(EngineSettings.DISK_DISPATCHER));
    PeerIdentity identity = PeerIdentity.create(peers.advertised(), keys.isPresent());
    PeerDirectory directory =
        TrackerClient.create(
            system, TrackerSettings.from(config).client(), identity, keys, lookup, credential);
    SwarmNode listening =
        NodeSystem.await(
            "listen for peers at " + HostPort.of(peers.bind()),
            SwarmNode.start(
                system,
                new SwarmNode.Parts(
                    swarm,
                    peers.bind(),
                    peers.source(config),
                    peers.advertised(),
                    PeerId.of(identity.peerId()),
                    directory,
                    download,
                    upload,
                    buffers,
                    sendBuffers,
                    swarm.tlsFolder().map(SwarmTls::new))));
    node.onStop(Drain.DRAINED, role + "-swarms", listening::close);
    node.listens(role + "Peers", HostPort.of(listening.address()).toString());
    PieceInflow inflow =
        new PieceInflow(buffers, download, disk, SystemMaterializer.get(system).materializer());
    CountedSwarms swarms = new CountedSwarms(listening);
    metrics.swarms(swarms, listening);
    LiveBlobs blobs = new LiveBlobs(store, swarms, disk);
    node.onStop(Drain.DRAINED, role + "-blobs", blobs::close);
    SpaceSettings space = SpaceSettings.from(config);
    boolean isAgent = keys.isEmpty(); // its pulls stream past a store that takes no more
    SpaceGuard guard = new SpaceGuard(blobs, store, space, isAgent);
    guard.repeat(system);
    metrics.store(store, guard, space);
    return new Parts(
        store, download, upload, buffers, inflow, disk, directory, listening, swarms, blobs);
  }

  private static void close(BlobStore store) {
    try {
      store.close();
    } catch (IOException e) {
      throw new UncheckedIOException("tried to close the store", e);
    }
  }
}
