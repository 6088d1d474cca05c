package io.layercast.engine;

import io.layercast.engine.IngestPlan.Stretch;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Decides when a node gets what its readers wait for from a proxy over HTTP, and how much: one
 * piece at first, since the swarm may be only slow, and what a whole fleet takes so, all the same
 * pieces, its swarms do not get. More at a time once the swarm has brought nothing meanwhile. One
 * request at a time. Pure: time comes in; not thread-safe.
 */
public final class Fallback {
  private static final int PIECES_PATIENCE = 4;

  private final Duration progressTimeout;
  private final int pieces;
  private final Map<Integer, Long> waitingSince = new HashMap<>();
  private boolean isAsked;
  private long swarmBytesWhenAsked;
  private long notBeforeNanos = Long.MIN_VALUE;

  /**
   * @param progressTimeout how long one piece may be waited for
   * @param pieces how many to ask for where the swarm is dead
   */
  public Fallback(Duration progressTimeout, int pieces) {
    this.progressTimeout = progressTimeout;
    this.pieces = pieces;
  }

  /**
   * What to ask for now; the caller does and says when it is over.
   *
   * @param waitedFor the pieces that readers wait for and a proxy has
   * @param bytesPerSecond the node's download rate; 0 is unlimited
   * @param swarmBytes what peers have brought of the layer so far
   */
  public Optional<Stretch> due(
      List<Integer> waitedFor,
      PieceSet have,
      PieceLayout layout,
      long bytesPerSecond,
      long swarmBytes,
      long nowNanos) {
    waitingSince.keySet().retainAll(waitedFor);
    waitedFor.forEach(piece -> waitingSince.putIfAbsent(piece, nowNanos));
    if (isAsked || nowNanos < notBeforeNanos) {
      return Optional.empty();
    }
    long deadlineNanos = deadlineNanos(layout, bytesPerSecond);
    return waitingSince.entrySet().stream()
        .filter(wait -> nowNanos - wait.getValue() > deadlineNanos)
        .min(Map.Entry.comparingByValue())
        .map(wait -> ask(wait.getKey(), 1, have, swarmBytes));
  }

  /**
   * How long until {@link #due} may have something to ask for, if nobody moves meanwhile; empty
   * when only a move or the end of a request can bring that about.
   */
  public OptionalLong nanosUntilDue(PieceLayout layout, long bytesPerSecond, long nowNanos) {
    if (isAsked) {
      return OptionalLong.empty();
    }
    long pauseNanos = nowNanos < notBeforeNanos ? notBeforeNanos - nowNanos : 0;
    long deadlineNanos = deadlineNanos(layout, bytesPerSecond);
    return waitingSince.values().stream()
        .mapToLong(since -> Math.max(pauseNanos, deadlineNanos - (nowNanos - since) + 1))
        .min();
  }

  /** Four times what a piece takes at the node's rate, if that is longer than the timeout. */
  private long deadlineNanos(PieceLayout layout, long bytesPerSecond) {
    double seconds = bytesPerSecond == 0 ? 0 : (double) layout.pieceBytes() / bytesPerSecond;
    return Math.max(progressTimeout.toNanos(), (long) (PIECES_PATIENCE * 1e9 * seconds));
  }

  /**
   * What was asked for is here.
   *
   * @param waitedFor what readers wait for by now, whether a proxy has it yet or not
   * @return what to ask for at once: if the swarm is dead there is no use in waiting for it again
   */
  public Optional<Stretch> came(List<Integer> waitedFor, PieceSet have, long swarmBytes) {
    isAsked = false;
    return swarmBytes > swarmBytesWhenAsked
        ? Optional.empty()
        : waitedFor.stream().findFirst().map(piece -> ask(piece, pieces, have, swarmBytes));
  }

  /**
   * What was asked for does not come.
   *
   * @param untilNanos nothing is asked for before that time
   */
  public void failed(long untilNanos) {
    isAsked = false;
    notBeforeNanos = untilNanos;
  }

  private Stretch ask(int piece, int count, PieceSet have, long swarmBytes) {
    isAsked = true;
    swarmBytesWhenAsked = swarmBytes;
    int end = piece + 1;
    while (end < have.pieceCount() && end - piece < count && !have.has(end)) {
      end++;
    }
    return new Stretch(piece, end);
  }
}
