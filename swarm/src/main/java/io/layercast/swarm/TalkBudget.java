package io.layercast.swarm;

import io.layercast.swarm.wire.PeerMessage;

/**
 * How much a proven peer may say. A bucket of messages: full at first, refilled with time and by
 * the bytes of blocks that pass, in either direction. Talk that moves bytes never empties it; talk
 * for its own sake does, and who empties it floods. Pure; not thread-safe. Time comes in as
 * nanoseconds.
 *
 * <p>The bounds and their arithmetic are at {@code talk-*} in this module's {@code reference.conf}.
 */
final class TalkBudget {
  /** A long message counts as one for each so many bytes: they are looked through one by one. */
  private static final int BYTES_PER_MESSAGE = 64;

  private final double full;
  private final double perNano;
  private final double perByte;
  private double left;
  private long refilledNanos;

  /**
   * @param pieceCount of the blob: a peer may say HAVE of each, all at once
   */
  TalkBudget(SwarmSettings.Talk settings, int pieceCount, long nowNanos) {
    this.full = settings.burst() + (double) pieceCount;
    this.perNano = settings.perSecond() / 1e9;
    this.perByte = 1.0 / settings.bytesPerMessage();
    this.left = full;
    this.refilledNanos = nowNanos;
  }

  /** The peer said this; says whether it may. */
  boolean spend(PeerMessage message, long nowNanos) {
    earn((nowNanos - refilledNanos) * perNano);
    refilledNanos = nowNanos;
    left -= cost(message);
    return left >= 0;
  }

  /** So many bytes of a layer were asked for and given, by this side or the other. */
  void moved(int layerBytes) {
    earn(layerBytes * perByte);
  }

  private void earn(double messages) {
    left = Math.min(full, left + messages);
  }

  private static double cost(PeerMessage message) {
    return switch (message) {
      case PeerMessage.Bitfield(byte[] bits) -> 1 + bits.length / BYTES_PER_MESSAGE;
      case PeerMessage.Extended(int _, byte[] payload) -> 1 + payload.length / BYTES_PER_MESSAGE;
      default -> 1;
    };
  }
}
