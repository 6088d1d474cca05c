package io.layercast.engine.store;

import java.util.Comparator;
import java.util.List;

/**
 * When blobs go and which: decided from numbers alone. Between the high mark, where eviction
 * begins, and the low one, where it ends, lies enough that it does not begin again at once.
 */
public final class EvictionPolicy {
  /**
   * The disk at one moment.
   *
   * @param ownBytes what the store's blobs take
   * @param freeBytes what the file system has left for us
   * @param diskBytes the file system's size
   */
  public record Reading(long ownBytes, long freeBytes, long diskBytes) {}

  private final SpaceSettings settings;

  public EvictionPolicy(SpaceSettings settings) {
    this.settings = settings;
  }

  /** How many bytes of blobs must go; 0 when all is well, never more than the store has. */
  public long bytesToFree(Reading now) {
    long overQuota =
        settings.quotaBytes() > 0 && now.ownBytes() > quotaHighBytes()
            ? now.ownBytes() - share(settings.quotaBytes(), settings.quotaLowPercent())
            : 0;
    long lacking =
        now.freeBytes() < share(now.diskBytes(), settings.freeLowPercent())
            ? share(now.diskBytes(), settings.freeHighPercent()) - now.freeBytes()
            : 0;
    return Math.min(now.ownBytes(), Math.max(overQuota, lacking));
  }

  /** Above this many own bytes eviction begins; without a quota nothing is. */
  public long quotaHighBytes() {
    return settings.quotaBytes() == 0
        ? Long.MAX_VALUE
        : share(settings.quotaBytes(), settings.quotaHighPercent());
  }

  /** Whether so little is free that nothing more should be written. */
  public boolean isShort(Reading now) {
    return now.freeBytes() < share(now.diskBytes(), settings.freeFloorPercent());
  }

  /** Blobs that may go, the one not used for longest first. */
  public List<StoreSpace.Use> victims(List<StoreSpace.Use> blobs, long nowMillis) {
    return blobs.stream()
        .filter(blob -> isIdle(blob.lastUsedMillis(), nowMillis))
        .sorted(Comparator.comparingLong(StoreSpace.Use::lastUsedMillis))
        .toList();
  }

  /**
   * A use that lies ahead was noted before the clock was set back: who uses it now notes it anew.
   */
  public boolean isIdle(long lastUsedMillis, long nowMillis) {
    return lastUsedMillis <= nowMillis - settings.idle().toMillis() || lastUsedMillis > nowMillis;
  }

  private static long share(long bytes, int percent) {
    return bytes / 100 * percent + bytes % 100 * percent / 100;
  }
}
