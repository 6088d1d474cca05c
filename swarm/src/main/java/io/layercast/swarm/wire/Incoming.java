package io.layercast.swarm.wire;

import java.nio.ByteBuffer;

/** What {@link FrameReader} takes out of a connection's bytes, in order. */
public sealed interface Incoming permits Handshake, PeerMessage, Incoming.Block {

  /** A PIECE message: one {@link Start}, then {@link Part}s that add up to its length. */
  sealed interface Block extends Incoming {}

  /**
   * The head of a PIECE message (BEP 3).
   *
   * @param lengthBytes of the block that follows, more than 0
   */
  record Start(int piece, int begin, int lengthBytes) implements Block {}

  /**
   * Some of the block's bytes where they came off the socket, not copied: they are others once more
   * is asked for.
   */
  record Part(ByteBuffer bytes) implements Block {}

  /** How many bytes of a layer this is, for the limiter of the download rate. */
  default int layerBytes() {
    return this instanceof Part part ? part.bytes().remaining() : 0;
  }
}
