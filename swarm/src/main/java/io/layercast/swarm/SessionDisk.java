package io.layercast.swarm;

import io.layercast.engine.PieceBuffer;
import io.layercast.engine.SharedBlob;
import java.util.concurrent.RejectedExecutionException;

/** What one session has done on the disk dispatcher: pieces verified and stored. */
final class SessionDisk {
  private final NodeContext node;
  private final Swarm swarm;
  private final Remote remote;
  private final Session session;

  SessionDisk(NodeContext node, Swarm swarm, Remote remote, Session session) {
    this.node = node;
    this.swarm = swarm;
    this.remote = remote;
    this.session = session;
  }

  /**
   * Verifies and stores a piece, releases its buffer and tells the swarm.
   *
   * @param nanos from its first request to its last byte
   * @param room how many pieces to have under way with this peer
   * @throws RejectedExecutionException when the node is shutting down; the buffer is released
   */
  void store(int piece, PieceBuffer buffer, long nanos, int room) {
    try {
      node.disk().execute(() -> storeNow(piece, buffer, nanos, room));
    } catch (RejectedExecutionException e) {
      buffer.release();
      throw e;
    }
  }

  private void storeNow(int piece, PieceBuffer buffer, long nanos, int room) {
    Outcome outcome = Outcome.NOT_STORED;
    try {
      outcome = outcomeOf(piece, swarm.blob().store(piece, buffer.bytes()));
    } finally {
      buffer.release();
      int length = swarm.blob().layout().lengthOf(piece);
      if (outcome == Outcome.STORED) {
        swarm.traffic().downloaded(remote.address(), length);
      } else {
        swarm.traffic().wasted(length);
      }
      swarm.actor().tell(new BlobSwarm.PieceEnded(session, remote, piece, outcome, nanos, room));
    }
  }

  private Outcome outcomeOf(int piece, SharedBlob.Stored stored) {
    return switch (stored) {
      case STORED -> Outcome.STORED;
      case DUPLICATE -> swarm.blob().has(piece) ? Outcome.DUPLICATE : Outcome.OVERTAKEN;
      case WRONG_HASH -> Outcome.WRONG_HASH;
      case NOT_STORED -> Outcome.NOT_STORED;
    };
  }
}
