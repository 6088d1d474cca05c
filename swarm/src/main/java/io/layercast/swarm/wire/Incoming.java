package io.layercast.swarm.wire;

import akka.util.ByteString;

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

  /** Some of the block's bytes as they came off the socket, not copied. */
  record Part(ByteString bytes) implements Block {}

  /** How many bytes of a layer this is, for the limiter of the download rate. */
  default int layerBytes() {
    return this instanceof Part part ? part.bytes().length() : 0;
  }
}
