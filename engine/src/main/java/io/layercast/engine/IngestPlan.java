package io.layercast.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Decides which stretch of pieces the next connection to the origin asks for. Pure; not
 * thread-safe.
 */
public final class IngestPlan {

  /** Pieces {@code [begin, end)}. */
  public record Stretch(int begin, int end) {}

  private final int pieceCount;
  private final Map<Integer, Stretch> assigned = new HashMap<>();

  public IngestPlan(int pieceCount) {
    this.pieceCount = pieceCount;
  }

  /**
   * Assigns to {@code connection} the first pieces that are neither had nor assigned, at most
   * {@code length} and without a gap.
   */
  public Optional<Stretch> assign(int connection, PieceSet have, int length) {
    int begin = have.nextMissing(0);
    while (begin < pieceCount && isAssigned(begin)) {
      begin = have.nextMissing(begin + 1);
    }
    if (begin >= pieceCount) {
      return Optional.empty();
    }
    int end = begin + 1;
    while (end < pieceCount && end - begin < length && !have.has(end) && !isAssigned(end)) {
      end++;
    }
    Stretch stretch = new Stretch(begin, end);
    assigned.put(connection, stretch);
    return Optional.of(stretch);
  }

  /** One connection gets everything: the origin knows no ranges. */
  void assignAll(int connection) {
    assigned.clear();
    assigned.put(connection, new Stretch(0, pieceCount));
  }

  /** The connection has ended; what it did not bring is free again. */
  public void release(int connection) {
    assigned.remove(connection);
  }

  /** Whether a piece that was assigned to the connection is not in {@code have}. */
  public boolean lacksAny(int connection, PieceSet have) {
    Stretch stretch = assigned.get(connection);
    return stretch != null && have.nextMissing(stretch.begin()) < stretch.end();
  }

  /** Whether a connection is to bring the piece. */
  public boolean isAssigned(int piece) {
    return assigned.values().stream()
        .anyMatch(stretch -> stretch.begin() <= piece && piece < stretch.end());
  }
}
