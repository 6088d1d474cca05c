package io.layercast.swarm;

import akka.util.ByteString;
import io.layercast.swarm.wire.PeerMessage;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Bytes on their way to a peer.
 *
 * @param bytes whole frames, one after another; read up as they are sent
 * @param layerBytes what of them is a layer's
 * @param spent memory that is free once they are sent
 */
record Outgoing(List<ByteBuffer> bytes, int layerBytes, List<SendMemory.Block> spent) {

  /** Frames without a layer's bytes. */
  static Outgoing control(ByteString frames) {
    return new Outgoing(List.of(frames.asByteBuffer()), 0, List.of());
  }

  /**
   * A PIECE frame.
   *
   * @param block what follows its head, in {@code memory}
   * @param isLast whether nothing else in that memory is to be sent after it
   */
  static Outgoing piece(
      PeerMessage.Request request, ByteBuffer block, SendMemory.Block memory, boolean isLast) {
    return new Outgoing(
        List.of(PeerMessage.pieceHead(request), block),
        request.lengthBytes(),
        isLast ? List.of(memory) : List.of());
  }

  /** These, one after another. */
  static Outgoing of(List<Outgoing> frames) {
    return new Outgoing(
        frames.stream().flatMap(each -> each.bytes.stream()).toList(),
        frames.stream().mapToInt(Outgoing::layerBytes).sum(),
        frames.stream().flatMap(each -> each.spent.stream()).toList());
  }
}
