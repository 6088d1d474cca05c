package io.layercast.engine;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * Decides which missing pieces an ingest that was taken over leaves to peers instead of asking the
 * origin: those that somebody said to hold, while peers go on bringing some. Pure, time is a value
 * of {@link System#nanoTime}; not thread-safe.
 *
 * <p>A piece is waited for until none has come from peers for the patience, and each for at least
 * that long after it was first spoken of. So a peer that only says it holds something costs one
 * patience for each piece, side by side, and never the pull.
 */
public final class PeerShare {
  private final int pieceCount;
  private final long graceNanos;
  private final long patienceNanos;
  private final PieceSet spokenOf;
  private final long[] spokenAtNanos;
  private PieceSet left;
  private long arrivalNanos;

  /** Peers were spoken of; before, everything is the origin's to bring. */
  private boolean hasPeers;

  private long gatheringSinceNanos;

  /**
   * @param grace how long holders are waited for before the origin is asked for what they may hold
   */
  public PeerShare(int pieceCount, Duration grace, Duration patience, long nowNanos) {
    this.pieceCount = pieceCount;
    this.graceNanos = grace.toNanos();
    this.patienceNanos = patience.toNanos();
    this.spokenOf = PieceSet.empty(pieceCount);
    this.spokenAtNanos = new long[pieceCount];
    this.left = PieceSet.empty(pieceCount);
    this.arrivalNanos = nowNanos - patienceNanos;
  }

  /** Peers hold pieces and are about to say which. Said again it prolongs nothing. */
  public void gather(long nowNanos) {
    if (!hasPeers) {
      hasPeers = true;
      gatheringSinceNanos = nowNanos;
    }
  }

  /** How long the origin is not to be asked for anything yet; 0 once it may be. */
  public long gatheringNanos(long nowNanos) {
    return hasPeers ? Math.max(0, graceNanos - (nowNanos - gatheringSinceNanos)) : 0;
  }

  /** A peer has brought the piece. */
  public void came(int piece, long nowNanos) {
    left.remove(piece);
    arrivalNanos = nowNanos;
  }

  /**
   * The pieces the origin is not to be asked for now: those that are here and those left to peers.
   *
   * @param spokenOfNow missing here and held by somebody
   */
  public PieceSet settled(PieceSet have, PieceSet spokenOfNow, long nowNanos) {
    if (left.stream().anyMatch(have::has)) { // it is about to be said to have come
      arrivalNanos = nowNanos;
    }
    left = PieceSet.empty(pieceCount);
    PieceSet settled = have.copy();
    if (!hasPeers) {
      return settled;
    }
    spokenOfNow.stream()
        .filter(piece -> !have.has(piece))
        .forEach(piece -> {
          if (spokenOf.add(piece)) {
            spokenAtNanos[piece] = nowNanos;
          }
          if (patienceLeft(piece, nowNanos) > 0) {
            left.add(piece);
            settled.add(piece);
          }
        });
    return settled;
  }

  /**
   * How long until a piece that the last {@link #settled} left to peers may be the origin's to
   * bring; empty when it left none. Longer by then if some {@link #came} meanwhile.
   */
  public OptionalLong waitingNanos(long nowNanos) {
    return left.stream().mapToLong(piece -> patienceLeft(piece, nowNanos)).min();
  }

  private long patienceLeft(int piece, long nowNanos) {
    return patienceNanos - Math.min(nowNanos - spokenAtNanos[piece], nowNanos - arrivalNanos);
  }
}
