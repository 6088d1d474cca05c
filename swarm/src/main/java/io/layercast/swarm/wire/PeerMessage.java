package io.layercast.swarm.wire;

import akka.util.ByteString;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Every message of the peer wire but PIECE, whose bytes take the short way ({@link
 * Incoming.Block}).
 *
 * <pre>
 * +--------+------+---------+
 * | length | type | payload |   length counts type and payload; 0 is a keep-alive without either.
 * |    4   |   1  |         |   Integers are unsigned and big-endian.
 * +--------+------+---------+
 * BEP 3:  0 choke  1 unchoke  2 interested  3 not interested  4 have  5 bitfield  6 request
 *         7 piece  8 cancel  9 port (BEP 5)
 * BEP 6:  13 suggest  14 have all  15 have none  16 reject  17 allowed fast
 * BEP 10: 20 extended
 * </pre>
 */
public sealed interface PeerMessage extends Incoming {
  /** The longest message other than PIECE, in bytes after the length: id and 64 KiB. */
  int MAX_BYTES = 64 * 1024 + 2;

  /** Length and type, then index and begin: what comes before a block (BEP 3, PIECE). */
  int PIECE_HEAD_BYTES = 13;

  int TYPE_PIECE = 7;

  enum KeepAlive implements PeerMessage {
    KEEP_ALIVE
  }

  enum Choke implements PeerMessage {
    CHOKE
  }

  enum Unchoke implements PeerMessage {
    UNCHOKE
  }

  enum Interested implements PeerMessage {
    INTERESTED
  }

  enum NotInterested implements PeerMessage {
    NOT_INTERESTED
  }

  enum HaveAll implements PeerMessage {
    HAVE_ALL
  }

  enum HaveNone implements PeerMessage {
    HAVE_NONE
  }

  record Have(int piece) implements PeerMessage {}

  /** One bit a piece, the high bit of the first byte is piece 0. */
  @SuppressWarnings("ArrayRecordComponent") // compared by content
  record Bitfield(byte[] bits) implements PeerMessage {
    @Override
    public boolean equals(Object other) {
      return other instanceof Bitfield field && Arrays.equals(bits, field.bits);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bits);
    }

    @Override
    public String toString() {
      return "Bitfield[" + bits.length + " bytes]";
    }
  }

  record Request(int piece, int begin, int lengthBytes) implements PeerMessage {
    /** Whether this asks for what comes right after {@code other} in the same piece. */
    public boolean follows(Request other) {
      return piece == other.piece && begin == other.begin + other.lengthBytes;
    }
  }

  record Cancel(int piece, int begin, int lengthBytes) implements PeerMessage {}

  record Reject(int piece, int begin, int lengthBytes) implements PeerMessage {}

  record Suggest(int piece) implements PeerMessage {}

  record AllowedFast(int piece) implements PeerMessage {}

  /** BEP 10: id 0 is the extension handshake, others are as the receiver's {@code m} says. */
  @SuppressWarnings("ArrayRecordComponent") // compared by content
  record Extended(int id, byte[] payload) implements PeerMessage {
    @Override
    public boolean equals(Object other) {
      return other instanceof Extended extended
          && id == extended.id
          && Arrays.equals(payload, extended.payload);
    }

    @Override
    public int hashCode() {
      return 31 * id + Arrays.hashCode(payload);
    }

    @Override
    public String toString() {
      return "Extended[" + id + ", " + payload.length + " bytes]";
    }
  }

  /** Something we have no use for (PORT, types unknown to us). */
  record Ignored(int type) implements PeerMessage {}

  /** The frame of {@code message}, length included. */
  static ByteString encode(PeerMessage message) {
    return switch (message) {
      case KeepAlive _ -> ByteString.fromArrayUnsafe(new byte[4]);
      case Choke _ -> frame(0);
      case Unchoke _ -> frame(1);
      case Interested _ -> frame(2);
      case NotInterested _ -> frame(3);
      case Have(int piece) -> frame(4, piece);
      case Bitfield(byte[] bits) -> frame(5, bits);
      case Request(int piece, int begin, int length) -> frame(6, piece, begin, length);
      case Cancel(int piece, int begin, int length) -> frame(8, piece, begin, length);
      case Suggest(int piece) -> frame(13, piece);
      case HaveAll _ -> frame(14);
      case HaveNone _ -> frame(15);
      case Reject(int piece, int begin, int length) -> frame(16, piece, begin, length);
      case AllowedFast(int piece) -> frame(17, piece);
      case Extended(int id, byte[] payload) -> {
        byte[] both = new byte[1 + payload.length];
        ByteBuffer.wrap(both).put((byte) id).put(payload);
        yield frame(20, both);
      }
      case Ignored(int type) -> frame(type);
    };
  }

  /** What comes before the block that answers {@code request}. */
  static ByteBuffer pieceHead(Request request) {
    return ByteBuffer.allocate(PIECE_HEAD_BYTES)
        .putInt(PIECE_HEAD_BYTES - 4 + request.lengthBytes)
        .put((byte) TYPE_PIECE)
        .putInt(request.piece)
        .putInt(request.begin)
        .flip();
  }

  /**
   * The message of a frame whose length was taken off.
   *
   * @param type its first byte, not {@link #TYPE_PIECE}
   * @throws WireException when the payload is not as long as the type wants, or an index is above
   *     2^31
   */
  static PeerMessage decode(int type, byte[] payload) throws WireException {
    ByteBuffer in = ByteBuffer.wrap(payload);
    return switch (type) {
      case 0 -> bare(Choke.CHOKE, payload);
      case 1 -> bare(Unchoke.UNCHOKE, payload);
      case 2 -> bare(Interested.INTERESTED, payload);
      case 3 -> bare(NotInterested.NOT_INTERESTED, payload);
      case 4 -> new Have(expect(4, in).getInt());
      case 5 -> new Bitfield(payload);
      case 6 -> new Request(expect(12, in).getInt(), in.getInt(), in.getInt());
      case 8 -> new Cancel(expect(12, in).getInt(), in.getInt(), in.getInt());
      case 13 -> new Suggest(expect(4, in).getInt());
      case 14 -> bare(HaveAll.HAVE_ALL, payload);
      case 15 -> bare(HaveNone.HAVE_NONE, payload);
      case 16 -> new Reject(expect(12, in).getInt(), in.getInt(), in.getInt());
      case 17 -> new AllowedFast(expect(4, in).getInt());
      case 20 -> {
        if (payload.length == 0) {
          throw new WireException("an extended message without an id");
        }
        yield new Extended(payload[0] & 0xff, Arrays.copyOfRange(payload, 1, payload.length));
      }
      default -> new Ignored(type);
    };
  }

  private static ByteString frame(int type, int... values) {
    byte[] payload = new byte[4 * values.length];
    ByteBuffer out = ByteBuffer.wrap(payload);
    for (int value : values) {
      out.putInt(value);
    }
    return frame(type, payload);
  }

  private static ByteString frame(int type, byte[] payload) {
    byte[] frame = new byte[5 + payload.length];
    ByteBuffer.wrap(frame).putInt(1 + payload.length).put((byte) type).put(payload);
    return ByteString.fromArrayUnsafe(frame);
  }

  private static PeerMessage bare(PeerMessage message, byte[] payload) throws WireException {
    if (payload.length != 0) {
      throw new WireException(message + " with a payload");
    }
    return message;
  }

  private static ByteBuffer expect(int bytes, ByteBuffer in) throws WireException {
    if (in.remaining() != bytes) {
      throw new WireException("a payload of %d bytes, not %d".formatted(in.remaining(), bytes));
    }
    for (int at = 0; at < bytes; at += 4) {
      if (in.getInt(at) < 0) {
        throw new WireException("a number above 2^31");
      }
    }
    return in;
  }
}
