package io.layercast.swarm;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntBinaryOperator;

/**
 * How the swarms of a node share its memory for pieces: alike, among those that have some under
 * way. Thread-safe.
 */
public final class PieceShares {
  private final IntBinaryOperator piecesEach;
  private final AtomicInteger sharers = new AtomicInteger();

  /**
   * @param piecesEach how many pieces there is room for each of some swarms, from the length of a
   *     piece and the number of swarms
   */
  public PieceShares(IntBinaryOperator piecesEach) {
    this.piecesEach = piecesEach;
  }

  /** One swarm's, whose pieces are so long. */
  public Share share(int pieceBytes) {
    return new Share(pieceBytes);
  }

  /** Not thread-safe. */
  public final class Share {
    private final int pieceBytes;
    private boolean counts;

    private Share(int pieceBytes) {
      this.pieceBytes = pieceBytes;
    }

    /** Whether pieces are under way. */
    public void isUsed(boolean used) {
      if (used != counts) {
        counts = used;
        sharers.addAndGet(used ? 1 : -1);
      }
    }

    /** How many pieces to have under way. */
    public int pieces() {
      return piecesEach.applyAsInt(pieceBytes, sharers.get());
    }
  }
}
