package io.layercast.engine;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import com.typesafe.config.Config;
import java.time.Duration;
import java.util.List;

/**
 * Gives the memory of a pull back to the node once nothing moves any more: frees the pools, then
 * asks for a collection, as the serial collector shrinks the heap at a full one only. Looked at
 * every so often; what lends nothing at two looks in a row is idle. Not thread-safe.
 */
public final class IdleMemory implements Runnable {
  private final List<PieceBuffers> pools;
  private final Runnable collection;
  private boolean wasIdle;

  IdleMemory(List<PieceBuffers> pools, Runnable collection) {
    this.pools = List.copyOf(pools);
    this.collection = collection;
  }

  /** Looks after {@code pools} until the system ends. */
  public static void start(ActorSystem<?> system, Config config, List<PieceBuffers> pools) {
    Duration idleAfter = config.getDuration("layercast.engine.piece-buffers.idle-after");
    var disk =
        system.dispatchers().lookup(DispatcherSelector.fromConfig(EngineSettings.DISK_DISPATCHER));
    var _ =
        system
            .scheduler()
            .scheduleWithFixedDelay(idleAfter, idleAfter, new IdleMemory(pools, System::gc), disk);
  }

  @Override
  public void run() {
    boolean isIdle =
        pools.stream().allMatch(pool -> pool.lentBytes() == 0)
            && pools.stream().anyMatch(pool -> pool.allocatedBytes() > 0);
    if (isIdle && wasIdle) {
      pools.forEach(PieceBuffers::trim);
      collection.run();
    }
    wasIdle = isIdle;
  }
}
