package io.layercast.swarm;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntBinaryOperator;

/** How the swarms of a node that lack pieces share its memory for them: alike. Thread-safe. */
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

  /** One swarm's; counts while the swarm {@link #lacksPieces}. Not thread-safe. */
  public final class Share {
    private boolean counts;

    public void lacksPieces(boolean lacks) {
      if (lacks != counts) {
        counts = lacks;
        sharers.addAndGet(lacks ? 1 : -1);
      }
    }

    /** How many pieces of this length to have under way. */
    public int pieces(int pieceBytes) {
      return piecesEach.applyAsInt(pieceBytes, sharers.get());
    }
  }
}
