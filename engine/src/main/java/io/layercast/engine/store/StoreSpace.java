package io.layercast.engine.store;

import io.layercast.engine.Digest;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the blobs of one store take of the disk and when each was last used: the store's own bytes,
 * nobody else's. A blob counts the pieces it has, their proofs and {@link #FOLDER_BYTES}; the holes
 * of its sparse file do not count. Thread-safe.
 */
public final class StoreSpace {
  /** A folder and its head, a block each on the usual file systems. */
  static final long FOLDER_BYTES = 8192;

  /**
   * One blob.
   *
   * @param lastUsedMillis since 1970; may lie ahead of the clock after it was set back
   */
  public record Use(Digest digest, long bytes, long lastUsedMillis) {}

  private final Map<Digest, Use> uses = new HashMap<>(); // guarded by this
  private long totalBytes; // guarded by this
  private final AtomicReference<Runnable> alarm = new AtomicReference<>(() -> {});
  private volatile long alarmBytes = Long.MAX_VALUE;
  private volatile long ceilingBytes = Long.MAX_VALUE;
  private volatile boolean isDiskShort;

  StoreSpace() {}

  /** Bytes of all blobs together. */
  public synchronized long totalBytes() {
    return totalBytes;
  }

  public synchronized int blobs() {
    return uses.size();
  }

  /** Every blob, in no order. */
  public synchronized List<Use> list() {
    return List.copyOf(uses.values());
  }

  /** When a blob was last used; empty when it is not here. */
  public synchronized OptionalLong lastUsedMillis(Digest digest) {
    Use use = uses.get(digest);
    return use == null ? OptionalLong.empty() : OptionalLong.of(use.lastUsedMillis());
  }

  /** Calls {@code deed} once when the total next passes {@code bytes}; replaces the last alarm. */
  public void alarmAt(long bytes, Runnable deed) {
    alarmBytes = bytes;
    alarm.set(deed);
  }

  /** From now on no write may take the total above {@code bytes}. */
  public void refuseAbove(long bytes) {
    ceilingBytes = bytes;
  }

  /** Says whether the disk is too short of space for any write. */
  public void refuseAll(boolean isShort) {
    isDiskShort = isShort;
  }

  synchronized void put(Digest digest, long bytes, long lastUsedMillis) {
    remove(digest);
    uses.put(digest, new Use(digest, bytes, lastUsedMillis));
    totalBytes += bytes;
  }

  synchronized void putIfAbsent(Digest digest, long bytes, long lastUsedMillis) {
    if (!uses.containsKey(digest)) {
      put(digest, bytes, lastUsedMillis);
    }
  }

  synchronized void remove(Digest digest) {
    Use gone = uses.remove(digest);
    totalBytes -= gone == null ? 0 : gone.bytes();
  }

  synchronized void used(Digest digest, long nowMillis) {
    uses.computeIfPresent(digest, (_, use) -> new Use(digest, use.bytes(), nowMillis));
  }

  /**
   * Counts bytes that are about to be written.
   *
   * @throws IOException when there is no room for them; nothing is counted then
   */
  void grow(Digest digest, long bytes) throws IOException {
    boolean isPastAlarm;
    synchronized (this) {
      if (isDiskShort || totalBytes + bytes > ceilingBytes) {
        throw new IOException(
            "no room for %d bytes of %s: the store holds %d bytes and %s"
                .formatted(
                    bytes,
                    digest,
                    totalBytes,
                    isDiskShort ? "the disk is short of space" : "may hold " + ceilingBytes));
      }
      resize(digest, bytes);
      isPastAlarm = totalBytes > alarmBytes;
    }
    if (isPastAlarm) {
      alarm.getAndSet(() -> {}).run();
    }
  }

  /** Takes back {@link #grow}. */
  synchronized void shrink(Digest digest, long bytes) {
    resize(digest, -bytes);
  }

  private void resize(Digest digest, long by) {
    Use resized =
        uses.computeIfPresent(
            digest, (_, use) -> new Use(digest, use.bytes() + by, use.lastUsedMillis()));
    totalBytes += resized == null ? 0 : by;
  }
}
