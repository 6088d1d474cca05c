package io.layercast.swarm;

/**
 * When a connection last made progress that is the peer's to make. Written by the decoder and read
 * by the session of the same fused stream: while bytes wait here for our own download limit the
 * peer is not silent.
 */
final class Arrivals {
  private long sinceNanos;
  private boolean listening;

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
}
