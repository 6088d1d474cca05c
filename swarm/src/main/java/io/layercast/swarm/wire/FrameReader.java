package io.layercast.swarm.wire;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of one direction of a connection into {@link Incoming}: the handshake, then frames
 * (drawn at {@link PeerMessage}). The bytes of a block are handed on as slices of what came off the
 * socket; only heads and small messages are copied. A length is believed only after it was found
 * within its bound, and nothing is kept of a frame whose length was not.
 *
 * <p>Not thread-safe. Use: {@link #offer} some bytes, {@link #next} until it gives null, repeat.
 */
public final class FrameReader {
  private static final int LENGTH_BYTES = 4;
  private static final int BLOCK_HEAD_BYTES = 8;

  private enum Expecting {
    HANDSHAKE,
    LENGTH,
    TYPE,
    BLOCK_HEAD,
    PAYLOAD,
    BLOCK
  }

  private final int maxBlockBytes;
  private ByteBuffer input = ByteBuffer.allocate(0);
  private Expecting expecting = Expecting.HANDSHAKE;
  private byte[] gathered = new byte[Handshake.BYTES];
  private int filled;
  private int frameBytes;
  private int type;
  private int blockBytesLeft;

  /**
   * @param maxBlockBytes the longest block that is asked for; a longer one breaks the protocol
   */
  public FrameReader(int maxBlockBytes) {
    this.maxBlockBytes = maxBlockBytes;
  }

  /**
   * Hands over the next bytes of the connection; the ones before must be used up.
   *
   * @param bytes kept, and not changed by whoever gave them until {@link #next} gives null
   */
  public void offer(ByteBuffer bytes) {
    if (input.hasRemaining()) {
      throw new IllegalStateException("the bytes before are not used up");
    }
    input = bytes;
  }

  /**
   * The next whole thing, or null when more bytes are needed.
   *
   * @throws WireException when the peer broke the protocol; the reader is then of no more use
   */
  public @Nullable Incoming next() throws WireException {
    while (true) {
      if (expecting == Expecting.BLOCK) {
        return input.hasRemaining() ? takePart() : null;
      }
      if (!gather()) {
        return null;
      }
      Incoming whole = onGathered();
      if (whole != null) {
        return whole;
      }
    }
  }

  private Incoming takePart() {
    int taken = Math.min(blockBytesLeft, input.remaining());
    ByteBuffer part = input.slice(input.position(), taken);
    input.position(input.position() + taken);
    blockBytesLeft -= taken;
    if (blockBytesLeft == 0) {
      expect(Expecting.LENGTH, LENGTH_BYTES);
    }
    return new Incoming.Part(part);
  }

  /** Fills {@link #gathered}; says whether it is full. */
  private boolean gather() throws WireException {
    int taken = Math.min(gathered.length - filled, input.remaining());
    input.get(gathered, filled, taken);
    filled += taken;
    if (expecting == Expecting.HANDSHAKE) {
      Handshake.checkProtocol(gathered, filled);
    }
    return filled == gathered.length;
  }

  private @Nullable Incoming onGathered() throws WireException {
    byte[] bytes = gathered;
    return switch (expecting) {
      case HANDSHAKE -> {
        expect(Expecting.LENGTH, LENGTH_BYTES);
        yield Handshake.decode(bytes);
      }
      case LENGTH -> onLength(ByteBuffer.wrap(bytes).getInt());
      case TYPE -> onType(bytes[0] & 0xff);
      case BLOCK_HEAD -> onBlockHead(ByteBuffer.wrap(bytes));
      case PAYLOAD -> {
        expect(Expecting.LENGTH, LENGTH_BYTES);
        yield PeerMessage.decode(type, bytes);
      }
      case BLOCK -> throw new IllegalStateException("blocks are not gathered");
    };
  }

  private @Nullable Incoming onLength(int length) throws WireException {
    if (length == 0) {
      expect(Expecting.LENGTH, LENGTH_BYTES);
      return PeerMessage.KeepAlive.KEEP_ALIVE;
    }
    // The larger of the two bounds; the type will say which one holds.
    if (length < 0
        || length > Math.max(PeerMessage.MAX_BYTES, 1 + BLOCK_HEAD_BYTES + maxBlockBytes)) {
      throw new WireException("a frame of " + Integer.toUnsignedLong(length) + " bytes");
    }
    frameBytes = length;
    expect(Expecting.TYPE, 1);
    return null;
  }

  private Incoming onBlockHead(ByteBuffer head) throws WireException {
    int piece = head.getInt();
    int begin = head.getInt();
    if (piece < 0 || begin < 0) {
      throw new WireException("a number above 2^31");
    }
    blockBytesLeft = frameBytes - 1 - BLOCK_HEAD_BYTES;
    expecting = Expecting.BLOCK;
    return new Incoming.Start(piece, begin, blockBytesLeft);
  }

  private @Nullable Incoming onType(int type) throws WireException {
    this.type = type;
    int payloadBytes = frameBytes - 1;
    if (type == PeerMessage.TYPE_PIECE) {
      if (payloadBytes <= BLOCK_HEAD_BYTES || payloadBytes > BLOCK_HEAD_BYTES + maxBlockBytes) {
        throw new WireException("a piece message of " + frameBytes + " bytes");
      }
      expect(Expecting.BLOCK_HEAD, BLOCK_HEAD_BYTES);
      return null;
    }
    if (frameBytes > PeerMessage.MAX_BYTES) {
      throw new WireException("a message of type %d and %d bytes".formatted(type, frameBytes));
    }
    if (payloadBytes == 0) {
      expect(Expecting.LENGTH, LENGTH_BYTES);
      return PeerMessage.decode(type, new byte[0]);
    }
    expect(Expecting.PAYLOAD, payloadBytes);
    return null;
  }

  private void expect(Expecting expecting, int bytes) {
    this.expecting = expecting;
    gathered = new byte[bytes];
    filled = 0;
  }
}
