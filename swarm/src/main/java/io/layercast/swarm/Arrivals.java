package io.layercast.swarm;

import io.layercast.engine.SharedBlob;
import org.jspecify.annotations.Nullable;

/**
 * What the stages of one connection's fused stream know of what comes in. When it last made
 * progress that is the peer's to make, written by the decoder and read by the session: while bytes
 * wait here for our own download limit the peer is not silent. And whether anybody here waits for
 * it, told by the session for the limit.
 */
final class Arrivals {
  private long sinceNanos;
  private boolean listening;
  private @Nullable SharedBlob blob;

  /** The decoder asked the socket for more. */
  void listen(long nowNanos) {
    sinceNanos = nowNanos;
    listening = true;
  }

  /** Bytes came. */
  void arrived(long nowNanos) {
    sinceNanos = nowNanos;
    listening = false;
  }

  /** Whether nothing the peer sent waits here. */
  boolean isListening() {
    return listening;
  }

  /** For how long the peer has sent nothing although we listened. */
  long silentNanos(long nowNanos) {
    return listening ? nowNanos - sinceNanos : 0;
  }

  /** What comes from now on is of this blob. */
  void areOf(SharedBlob theirs) {
    blob = theirs;
  }

  /** Whether a local reader waits for the blob. */
  boolean isAwaited() {
    return blob != null && blob.hasReaders();
  }
}
