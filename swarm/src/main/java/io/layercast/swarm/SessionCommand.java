package io.layercast.swarm;

import io.layercast.engine.PieceSet;

/** What a swarm tells one of its sessions. */
sealed interface SessionCommand {
  /**
   * Tell the peer what is here; until then nothing is said to it.
   *
   * @param have not changed any more
   */
  record Start(PieceSet have) implements SessionCommand {}

  /** These are here too since. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Haves(int[] pieces) implements SessionCommand {}

  record Interest(boolean interested) implements SessionCommand {}

  record Unchoke(boolean unchoked) implements SessionCommand {}

  /**
   * Fetch the piece; answered by exactly one {@link BlobSwarm.PieceEnded} unless the session ends.
   *
   * @param stallNanos how long no byte may come
   */
  record Fetch(int piece, long stallNanos) implements SessionCommand {}

  /** Somebody else was quicker: stop fetching the piece. Not answered. */
  record Abandon(int piece) implements SessionCommand {}

  record Close(String cause) implements SessionCommand {}
}
