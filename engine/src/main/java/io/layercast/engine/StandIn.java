package io.layercast.engine;

import akka.util.ByteString;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stands for bytes of a blob in a stream with {@link DirectRuns}. They are those of one run, or,
 * where a piece of it was lost and had to come again, of several. Thread-safe; sent by one thread
 * at a time.
 */
public final class StandIn {
  /** What sending came to. */
  public enum Sent {
    /** Everything is with the kernel. */
    ALL,
    /** The channel takes no more now. */
    FULL,
    /** A piece has to come again first: who asked to be told is told then. */
    WAITS
  }

  private final ByteString element;
  private final Runnable onMore;
  private @Nullable BlobRun run;
  private @Nullable Runnable ready;
  private long left;
  private boolean isAbandoned;

  /**
   * @param onMore told when another run is needed
   */
  StandIn(ByteString element, Runnable onMore) {
    this.element = element;
    this.onMore = onMore;
    this.left = element.size();
  }

  /** What stands in the stream. */
  ByteString element() {
    return element;
  }

  /** How many bytes are still to be sent. */
  synchronized long leftBytes() {
    return left;
  }

  /** The bytes go on with this run. */
  void give(BlobRun next) {
    synchronized (this) {
      next.cutTo(left);
      run = next;
    }
    wake();
  }

  /** Nobody brings what it still lacks. */
  void abandon() {
    synchronized (this) {
      isAbandoned = left > 0;
    }
    wake();
  }

  private void wake() {
    Runnable waiting;
    synchronized (this) {
      waiting = ready;
      ready = null;
    }
    if (waiting != null) {
      waiting.run();
    }
  }

  /**
   * Hands to a channel that does not block what it takes, from the disk and checked. Blocks for the
   * disk.
   *
   * @param whenReady called once, on any thread, after {@link Sent#WAITS}
   * @throws IOException when the channel is broken, or the bytes are not to be had any more
   */
  public Sent send(WritableByteChannel target, Runnable whenReady) throws IOException {
    BlobRun now;
    synchronized (this) {
      checkWanted();
      if (run == null) {
        ready = whenReady;
        return Sent.WAITS;
      }
      now = run;
    }
    long before = now.lengthBytes();
    Optional<IOException> cause = Optional.empty();
    try {
      if (!now.send(target)) {
        return Sent.FULL;
      }
    } catch (PieceLostException e) {
      cause = Optional.of(e);
    } finally {
      took(before - now.lengthBytes());
    }
    return endRun(now, cause, whenReady);
  }

  private void checkWanted() throws IOException {
    if (isAbandoned) {
      throw new IOException("the rest of the blob is not to be had here any more");
    }
  }

  private synchronized void took(long bytes) {
    left -= bytes;
  }

  private Sent endRun(BlobRun over, Optional<IOException> cause, Runnable whenReady)
      throws IOException {
    boolean isAll;
    synchronized (this) {
      run = null;
      isAll = left == 0;
      if (!isAll) {
        checkWanted();
      }
      ready = isAll ? null : whenReady;
    }
    over.end(cause);
    if (!isAll) {
      onMore.run();
    }
    return isAll ? Sent.ALL : Sent.WAITS;
  }
}
