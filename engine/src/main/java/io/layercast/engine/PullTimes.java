package io.layercast.engine;

/**
 * When what happened in one download: the moments its stages ended and the longest time without a
 * new piece. Pure: moments come in, {@link System#nanoTime}-like. Thread-safe.
 */
final class PullTimes {
  private final long askedAt;
  private final long openedAt;
  private long firstPieceAt; // guarded by this, as all below
  private long lastPieceAt;
  private boolean hasPiece;
  private long completeAt;
  private boolean isComplete;
  private long slowestNanos;
  private int slowestPiece = -1;

  /**
   * @param askedAt when the proxy was asked for the layer
   * @param openedAt when it had consented
   */
  PullTimes(long askedAt, long openedAt) {
    this.askedAt = askedAt;
    this.openedAt = openedAt;
    this.lastPieceAt = openedAt;
  }

  synchronized void stored(int piece, long now) {
    if (!hasPiece) {
      hasPiece = true;
      firstPieceAt = now;
    }
    if (now - lastPieceAt > slowestNanos) {
      slowestNanos = now - lastPieceAt;
      slowestPiece = piece;
    }
    lastPieceAt = Math.max(lastPieceAt, now);
  }

  /** Whether a piece has come. */
  synchronized boolean hasPiece() {
    return hasPiece;
  }

  /** Every piece is here; only the first call counts. */
  synchronized void complete(long now) {
    if (!isComplete) {
      isComplete = true;
      completeAt = now;
    }
  }

  /** The stages of a download that ends now; one that was never reached ends where it ends. */
  synchronized PullReport.Stages stages(long now) {
    long complete = isComplete ? completeAt : now;
    long first = hasPiece ? firstPieceAt : complete;
    return new PullReport.Stages(
        openedAt - askedAt, first - openedAt, complete - first, now - complete);
  }

  /** The longest time between two pieces, or before the first. */
  synchronized PullReport.Wait slowestWait() {
    return new PullReport.Wait(slowestNanos, slowestPiece);
  }
}
