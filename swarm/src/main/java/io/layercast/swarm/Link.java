package io.layercast.swarm;

import io.layercast.engine.PieceSet;

/** A connection to a peer that has proven to belong, as {@link SwarmPolicy} commands it. */
public interface Link {
  /** Unique among the links of a node. */
  long id();

  /**
   * Tell the peer what is here; until then nothing is said to it.
   *
   * @param have not changed any more
   */
  void start(PieceSet have);

  /**
   * These are here too since.
   *
   * @param pieces shared and not changed
   */
  void haves(int[] pieces);

  void interest(boolean interested);

  /**
   * Fetch the piece; answered by exactly one {@link SwarmPolicy#fetchEnded} unless the link ends.
   *
   * @param stallNanos how long no byte may come
   */
  void fetch(int piece, long stallNanos);

  /** Somebody else was quicker: stop fetching the piece. Not answered. */
  void abandon(int piece);

  /** Answered by {@link SwarmPolicy#gone}. */
  void close(String cause);

  /** When the peer last asked for a block or was given one. */
  long lastAskedNanos();
}
