package io.layercast.swarm;

import io.layercast.engine.PieceSet;

/** What {@link SwarmPolicy} knows of a peer that has proven to belong. */
final class Partner {
  final Link link;
  final Remote remote;

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

  /** {@link PiecePicker#opened} when it had nothing to pick. */
  int nothingSince = -1;

  long lastUseNanos;

  Partner(Link link, Remote remote, int pieceCount, long nowNanos) {
    this.link = link;
    this.remote = remote;
    this.has = PieceSet.empty(pieceCount);
    this.lastUseNanos = nowNanos;
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
