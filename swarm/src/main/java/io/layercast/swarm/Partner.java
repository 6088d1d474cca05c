package io.layercast.swarm;

import io.layercast.engine.PieceSet;
import java.time.Duration;

/** What {@link SwarmPolicy} knows of a peer that has proven to belong. */
final class Partner {
  /** Ten times what hashing and writing a piece of 4 MiB takes. */
  private static final long QUICK_NANOS = Duration.ofMillis(50).toNanos();

  final Partners among;
  final Link link;
  final Remote remote;

  /** Its pieces were late and none came since: what {@link PeerLedger#isSlow} said last. */
  boolean slow;

  private PieceSet has;
  private int hasCount;

  /** Had everything at once, so the picker does not count it. */
  boolean uncounted;

  /** It has said what it has. */
  boolean heard;

  boolean choking = true;
  boolean interested;

  /** How many pieces it has that are missing here. */
  int useful;

  /** How many pieces are fetched from it. */
  int fetching;

  int room = 2;

  /** What the last piece took. */
  long tookNanos = Long.MAX_VALUE;

  /** {@link PiecePicker#opened} when it had nothing to pick. */
  int nothingSince = -1;

  final long sinceNanos;
  long lastUseNanos;

  /** It was told to go and has not gone yet. */
  boolean leaving;

  Partner(Partners among, Link link, Remote remote, int pieceCount, long nowNanos) {
    this.among = among;
    this.link = link;
    this.remote = remote;
    this.has = PieceSet.empty(pieceCount);
    this.sinceNanos = nowNanos;
    this.lastUseNanos = nowNanos;
  }

  /** Whether a piece from it takes so little that storing one holds up the next. */
  boolean isQuick() {
    return tookNanos < QUICK_NANOS;
  }

  PieceSet has() {
    return has;
  }

  boolean has(int piece) {
    return has.has(piece);
  }

  boolean hasAll() {
    return hasCount == has.pieceCount();
  }

  void holds(PieceSet pieces) {
    has = pieces;
    hasCount = pieces.count();
    uncounted = hasAll();
    nothingSince = -1;
  }

  /** Says whether it was new. */
  boolean gained(int piece) {
    boolean isNew = has.add(piece);
    hasCount += isNew ? 1 : 0;
    nothingSince = -1;
    return isNew;
  }

  void lost(int piece) {
    has = has.copy();
    has.remove(piece);
    hasCount--;
  }
}
