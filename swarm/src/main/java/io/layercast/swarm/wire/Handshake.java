package io.layercast.swarm.wire;

import akka.util.ByteString;
import io.layercast.engine.SwarmId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The first 68 bytes each side sends (BEP 3).
 *
 * <pre>
 * +----+---------------------+----------+-----------+---------+
 * | 19 | BitTorrent protocol | reserved | info_hash | peer_id |
 * |  1 |          19         |     8    |     20    |    20   |
 * +----+---------------------+----------+-----------+---------+
 * reserved[5] &amp; 0x10: extensions (BEP 10)   reserved[7] &amp; 0x04: fast (BEP 6)
 * </pre>
 *
 * @param infoHash the swarm's id, or an alias of it
 * @param extended whether the sender speaks BEP 10
 * @param fast whether the sender speaks BEP 6
 */
public record Handshake(SwarmId infoHash, PeerId peerId, boolean extended, boolean fast)
    implements Incoming {
  public static final int BYTES = 68;

  private static final byte[] PROTOCOL =
      "\u0013BitTorrent protocol".getBytes(StandardCharsets.US_ASCII);
  private static final int RESERVED = PROTOCOL.length;
  private static final int INFO_HASH = RESERVED + 8;
  private static final int PEER_ID = INFO_HASH + SwarmId.BYTES;
  private static final int EXTENDED_BIT = 0x10;
  private static final int FAST_BIT = 0x04;

  /** Our own. */
  public static Handshake ours(SwarmId infoHash, PeerId peerId) {
    return new Handshake(infoHash, peerId, true, true);
  }

  public ByteString encode() {
    byte[] bytes = Arrays.copyOf(PROTOCOL, BYTES);
    bytes[RESERVED + 5] = (byte) (extended ? EXTENDED_BIT : 0);
    bytes[RESERVED + 7] = (byte) (fast ? FAST_BIT : 0);
    ByteBuffer.wrap(bytes, INFO_HASH, SwarmId.BYTES + PeerId.BYTES)
        .put(infoHash.toBytes())
        .put(peerId.toBytes());
    return ByteString.fromArrayUnsafe(bytes);
  }

  /**
   * @param bytes exactly 68
   * @throws WireException when they do not begin with the protocol's name
   */
  public static Handshake decode(byte[] bytes) throws WireException {
    if (bytes.length != BYTES) {
      throw new WireException("a handshake of " + bytes.length + " bytes");
    }
    checkProtocol(bytes, BYTES);
    return new Handshake(
        SwarmId.of(Arrays.copyOfRange(bytes, INFO_HASH, PEER_ID)),
        PeerId.of(Arrays.copyOfRange(bytes, PEER_ID, BYTES)),
        (bytes[RESERVED + 5] & EXTENDED_BIT) != 0,
        (bytes[RESERVED + 7] & FAST_BIT) != 0);
  }

  /** Refuses another protocol by its first bytes, without waiting for all 68. */
  static void checkProtocol(byte[] bytes, int filled) throws WireException {
    int compared = Math.min(filled, PROTOCOL.length);
    if (!Arrays.equals(bytes, 0, compared, PROTOCOL, 0, compared)) {
      throw new WireException("not the BitTorrent protocol");
    }
  }
}
