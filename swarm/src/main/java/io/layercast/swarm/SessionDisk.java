package io.layercast.swarm;

import io.layercast.engine.PieceBuffer;
import io.layercast.engine.SharedBlob;
import io.layercast.swarm.wire.PeerMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one session has done on the disk dispatcher: pieces verified and stored, blocks read. */
final class SessionDisk {
  private static final Logger LOG = LoggerFactory.getLogger(SessionDisk.class);

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
      outcome = outcomeOf(swarm.blob().store(piece, buffer.bytes()));
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

  private static Outcome outcomeOf(SharedBlob.Stored stored) {
    return switch (stored) {
      case STORED -> Outcome.STORED;
      case DUPLICATE -> Outcome.DUPLICATE;
      case WRONG_HASH -> Outcome.WRONG_HASH;
      case NOT_STORED -> Outcome.NOT_STORED;
    };
  }

  /**
   * Reads blocks that follow one another in one piece, all at once.
   *
   * @param memory as long as all of them; free again if the disk gave none
   * @param done told on the disk dispatcher: a frame for each, or none when the disk gave none
   * @throws RejectedExecutionException when the node is shutting down
   */
  void read(List<PeerMessage.Request> run, SendMemory.Block memory, Consumer<List<Outgoing>> done) {
    node.disk()
        .execute(() -> {
          List<Outgoing> frames = List.of();
          try {
            frames = framesOf(run, memory);
          } catch (IOException e) {
            // Without its stack: one damaged piece fails every block that was asked of it.
            LOG.warn(
                "tried to read piece {} of {} for a peer, but failed because {}",
                run.getFirst().piece(),
                swarm.blob().digest(),
                e.getMessage());
          } finally {
            if (frames.isEmpty()) {
              memory.free();
            }
            done.accept(frames);
          }
        });
  }

  private List<Outgoing> framesOf(List<PeerMessage.Request> run, SendMemory.Block memory)
      throws IOException {
    PeerMessage.Request first = run.getFirst();
    Optional<ByteBuffer> bytes =
        memory.fill(target -> swarm.blob().read(first.piece(), first.begin(), target));
    List<Outgoing> frames = new ArrayList<>(run.size());
    if (bytes.isPresent()) {
      for (PeerMessage.Request request : run) {
        ByteBuffer block =
            bytes.get().slice(request.begin() - first.begin(), request.lengthBytes());
        frames.add(Outgoing.piece(request, block, memory, frames.size() == run.size() - 1));
      }
    }
    return frames;
  }
}
