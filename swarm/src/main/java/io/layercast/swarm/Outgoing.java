package io.layercast.swarm;

import akka.util.ByteString;
import io.layercast.engine.SharedBlob;
import io.layercast.swarm.wire.PeerMessage;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/** What is on its way to a peer. */
sealed interface Outgoing {
  /** What of it is a layer's. */
  int layerBytes();

  /**
   * Frames without a layer's bytes.
   *
   * @param bytes whole frames, one after another; read up as they are sent
   */
  record Frames(ByteBuffer bytes) implements Outgoing {
    static Frames of(ByteString frames) {
      return new Frames(frames.asByteBuffer());
    }

    @Override
    public int layerBytes() {
      return 0;
    }
  }

  /**
   * A PIECE frame for each of these blocks, which the disk still has: {@link BlockWriter} reads
   * them.
   *
   * @param memory to read into, at least one block long; free once all are sent
   * @param unreadable told on the disk dispatcher of those that the disk did not give and that are
   *     not sent
   */
  record Blocks(
      List<PeerMessage.Request> requests,
      SharedBlob blob,
      SendMemory.Block memory,
      Consumer<List<PeerMessage.Request>> unreadable)
      implements Outgoing {
    @Override
    public int layerBytes() {
      return requests.stream().mapToInt(PeerMessage.Request::lengthBytes).sum();
    }
  }
}
