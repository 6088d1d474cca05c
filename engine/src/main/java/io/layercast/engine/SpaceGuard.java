package io.layercast.engine;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import io.layercast.engine.store.BlobStore;
import io.layercast.engine.store.EvictionPolicy;
import io.layercast.engine.store.SpaceSettings;
import io.layercast.engine.store.StoreSpace;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a store within its quota and its disk from filling up: looks every now and then, and at
 * once when writing passes the high mark, and evicts what {@link EvictionPolicy} names. Blocks.
 */
public final class SpaceGuard implements Runnable {
  /** The disk under a store; tests put one of their own in its place. */
  interface Disk {
    long freeBytes() throws IOException;

    long sizeBytes() throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(SpaceGuard.class);

  private final LiveBlobs blobs;
  private final BlobStore store;
  private final SpaceSettings settings;
  private final EvictionPolicy policy;
  private final boolean mayRefuse;
  private final Disk disk;
  private final InstantSource clock;
  private final AtomicBoolean isRunning = new AtomicBoolean();
  private final LongAdder evictedBlobs = new LongAdder();
  private final LongAdder evictedBytes = new LongAdder();
  private volatile long freeBytes;
  private volatile boolean isSurveyed;
  private volatile boolean isShort;

  /**
   * @param mayRefuse whether writes are refused beyond quota and floor: an agent's pull then
   *     streams past its store, where a proxy's would fail
   */
  public SpaceGuard(LiveBlobs blobs, BlobStore store, SpaceSettings settings, boolean mayRefuse) {
    this(blobs, store, settings, mayRefuse, diskUnder(store), InstantSource.system());
  }

  SpaceGuard(
      LiveBlobs blobs,
      BlobStore store,
      SpaceSettings settings,
      boolean mayRefuse,
      Disk disk,
      InstantSource clock) {
    this.blobs = blobs;
    this.store = store;
    this.settings = settings;
    this.policy = new EvictionPolicy(settings);
    this.mayRefuse = mayRefuse;
    this.disk = disk;
    this.clock = clock;
    if (mayRefuse && settings.quotaBytes() > 0) {
      store.space().refuseAbove(settings.quotaBytes());
    }
  }

  private static Disk diskUnder(BlobStore store) {
    return new Disk() {
      @Override
      public long freeBytes() throws IOException {
        return store.freeBytes();
      }

      @Override
      public long sizeBytes() throws IOException {
        return store.diskBytes();
      }
    };
  }

  /** Looks from now on for as long as {@code system} runs, on the disk dispatcher. */
  public void repeat(ActorSystem<?> system) {
    var onDisk =
        system.dispatchers().lookup(DispatcherSelector.fromConfig(EngineSettings.DISK_DISPATCHER));
    var _ =
        system
            .scheduler()
            .scheduleWithFixedDelay(
                Duration.ZERO,
                settings.interval(),
                () -> {
                  store.space().alarmAt(policy.quotaHighBytes(), () -> onDisk.execute(this));
                  run();
                },
                onDisk);
  }

  /** Looks once. */
  @Override
  public void run() {
    if (isRunning.compareAndSet(false, true)) {
      try {
        if (!isSurveyed) {
          store.survey();
          isSurveyed = true;
        }
        look();
      } catch (IOException | RuntimeException e) { // which would end the repetition
        LOG.warn("tried to make room in the store, but failed", e);
      } finally {
        isRunning.set(false);
      }
    }
  }

  private void look() throws IOException {
    EvictionPolicy.Reading now = read();
    long toFree = policy.bytesToFree(now);
    if (toFree > 0) {
      long freed = evict(toFree);
      LOG.info(
          "evicted {} bytes of {} that had to go; {} bytes stay, {} of the disk are free",
          freed,
          toFree,
          store.space().totalBytes(),
          now.freeBytes() + freed);
      now = read();
    }
    boolean isShortNow = policy.isShort(now);
    if (isShortNow != isShort) {
      isShort = isShortNow;
      LOG.warn(
          "the disk {}: {} bytes are free", isShort ? "is short" : "has room", now.freeBytes());
    }
    store.space().refuseAll(mayRefuse && isShort);
  }

  private EvictionPolicy.Reading read() throws IOException {
    freeBytes = disk.freeBytes();
    return new EvictionPolicy.Reading(store.space().totalBytes(), freeBytes, disk.sizeBytes());
  }

  private long evict(long toFree) {
    long freed = 0;
    for (StoreSpace.Use victim : policy.victims(store.space().list(), clock.millis())) {
      if (freed >= toFree) {
        break;
      }
      boolean isGone =
          blobs.evict(victim.digest(), lastUsed -> policy.isIdle(lastUsed, clock.millis()));
      if (isGone) {
        LOG.debug("evicted {}, {} bytes", victim.digest(), victim.bytes());
        freed += victim.bytes();
        evictedBlobs.increment();
        evictedBytes.add(victim.bytes());
      }
    }
    return freed;
  }

  public long evictedBlobs() {
    return evictedBlobs.sum();
  }

  public long evictedBytes() {
    return evictedBytes.sum();
  }

  /** Bytes the file system had left at the last look. */
  public long freeBytes() {
    return freeBytes;
  }

  /** Whether less is free than the floor. */
  public boolean isShort() {
    return isShort;
  }
}
