package io.layercast.engine;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import com.typesafe.config.Config;
import io.layercast.engine.store.BlobStore;
import java.time.Duration;
import java.util.List;

/**
 * Gives what pulls took back to the node once nothing moves any more: closes files that nobody
 * reads, frees the pools, then asks for a collection, as the serial collector shrinks the heap at a
 * full one only. Looked at every so often; what lends nothing at two looks in a row is idle. Not
 * thread-safe.
 */
public final class IdleNode implements Runnable {
  private final BlobStore store;
  private final List<PieceBuffers> pools;
  private final Runnable collection;
  private boolean wasIdle;

  IdleNode(BlobStore store, List<PieceBuffers> pools, Runnable collection) {
    this.store = store;
    this.pools = List.copyOf(pools);
    this.collection = collection;
  }

  /** Looks after {@code store} and {@code pools} until the system ends. */
  public static void start(
      ActorSystem<?> system, Config config, BlobStore store, List<PieceBuffers> pools) {
    Duration idleAfter = config.getDuration("layercast.engine.piece-buffers.idle-after");
    var disk =
        system.dispatchers().lookup(DispatcherSelector.fromConfig(EngineSettings.DISK_DISPATCHER));
    IdleNode idle = new IdleNode(store, pools, System::gc);
    var _ = system.scheduler().scheduleWithFixedDelay(idleAfter, idleAfter, idle, disk);
  }

  @Override
  public void run() {
    boolean lendsNothing = pools.stream().allMatch(pool -> pool.lentBytes() == 0);
    boolean hasMemory = pools.stream().anyMatch(pool -> pool.allocatedBytes() > 0);
    boolean isIdle = lendsNothing && (hasMemory || store.openCount() > 0);
    if (isIdle && wasIdle) {
      store.closeUnused();
      if (hasMemory) {
        pools.forEach(PieceBuffers::trim);
        collection.run();
      }
    }
    wasIdle = isIdle;
  }
}
