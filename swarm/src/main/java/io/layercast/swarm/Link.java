package io.layercast.swarm;

import io.layercast.engine.PieceSet;
import org.jspecify.annotations.Nullable;

/** A connection to a peer that has proven to belong, as {@link SwarmPolicy} commands it. */
public abstract class Link {
  /** Of the swarm that took it in; its policy alone looks. */
  @Nullable Partner partner;

  /** Unique among the links of a node. */
  public abstract long id();

  /**
   * Tell the peer what is here; until then nothing is said to it.
   *
   * @param have not changed any more
   */
  public abstract void start(PieceSet have);

  /**
   * These are here too since.
   *
   * @param pieces shared and not changed
   */
  public abstract void haves(int[] pieces);

  public abstract void interest(boolean interested);

  /**
   * Fetch the piece; answered by exactly one {@link SwarmPolicy#fetchEnded} unless the link ends.
   *
   * @param stallNanos how long no byte may come
   */
  public abstract void fetch(int piece, long stallNanos);

  /** Somebody else was quicker: stop fetching the piece. Not answered. */
  public abstract void abandon(int piece);

  /** Answered by {@link SwarmPolicy#gone}. */
  public abstract void close(String cause);

  /** When the peer last asked for a block or was given one. */
  public abstract long lastAskedNanos();
}
