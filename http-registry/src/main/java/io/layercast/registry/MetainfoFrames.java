package io.layercast.registry;

import akka.NotUsed;
import akka.stream.javadsl.Flow;
import akka.stream.javadsl.Framing;
import akka.util.ByteString;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.layercast.engine.Digest;
import io.layercast.engine.LayerNews;
import io.layercast.engine.LayerTicket;
import io.layercast.engine.PieceHash;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.PieceProof;
import io.layercast.engine.Secret;
import io.layercast.engine.SwarmId;
import java.net.InetSocketAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;

/**
 * The frames of the metainfo stream between proxies and agents (docs/adr/0006-proxy-api.md).
 *
 * <pre>
 * ┌────────────┬─────────┬─────────┐
 * │ u32 length │ u8 type │ payload │  big-endian; length counts type and payload
 * └────────────┴─────────┴─────────┘
 * </pre>
 */
final class MetainfoFrames {
  static final String MEDIA_TYPE = "application/vnd.layercast.metainfo.v1";

  /** The most that may be configured to go inline. */
  static final int MAX_INLINE_BYTES = 4 * 1024 * 1024;

  /** Room for the type, and for a ticket with its seeds or a cause. */
  private static final int OVERHEAD_BYTES = 64 * 1024;

  private static final int MAX_CAUSE_BYTES = 1024;
  private static final int MAX_SEEDS = 64;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int TICKET = 1;
  private static final int PIECE_KNOWN = 2;
  private static final int SEALED = 3;
  private static final int REJECTED = 4;
  private static final int INLINE = 5;
  private static final int RELAYED = 6;
  private static final int KEEP_ALIVE = 7;

  /** One frame. */
  sealed interface Frame {}

  /** The swarm to join; the first frame of a shared blob. */
  record Ticket(LayerTicket ticket) implements Frame {}

  /** News of a piece or the verdict. */
  record News(LayerNews news) implements Frame {}

  /** The whole blob, verified. */
  record Inline(ByteString bytes) implements Frame {}

  /** The proxies do not keep the blob: no swarm. */
  record Relayed(OptionalLong sizeBytes) implements Frame {}

  /** Still here. */
  record KeepAlive() implements Frame {}

  /** A frame that breaks the rules above; the stream it came from is of no more use. */
  static final class MalformedFrameException extends RuntimeException {
    MalformedFrameException(String message) {
      super(message);
    }
  }

  private MetainfoFrames() {}

  static ByteString encode(Frame frame) {
    return switch (frame) {
      case Ticket(LayerTicket ticket) -> frame(TICKET, json(ticket));
      case News(LayerNews news) -> encode(news);
      case Inline(ByteString bytes) -> header(INLINE, bytes.size()).concat(bytes);
      case Relayed(OptionalLong size) ->
          size.isEmpty() ? frame(RELAYED) : frame(RELAYED, u64(size.getAsLong()));
      case KeepAlive _ -> frame(KEEP_ALIVE);
    };
  }

  private static ByteString encode(LayerNews news) {
    return switch (news) {
      case LayerNews.PieceKnown(int generation, int index, PieceProof proof) ->
          frame(PIECE_KNOWN, u32(generation), u32(index), proof.hash().toBytes(), proof.mac());
      case LayerNews.Sealed(int generation) -> frame(SEALED, u32(generation));
      case LayerNews.Rejected(int generation, String cause) -> {
        ByteBuffer text = StandardCharsets.UTF_8.encode(cause);
        byte[] bounded = new byte[Math.min(text.remaining(), MAX_CAUSE_BYTES)];
        text.get(bounded);
        yield frame(REJECTED, u32(generation), bounded);
      }
    };
  }

  /**
   * Reads one frame's type and payload, without the length before them.
   *
   * @throws MalformedFrameException when it is none
   */
  static Frame decode(ByteString frame) {
    if (frame.isEmpty()) {
      throw new MalformedFrameException("a frame without a type");
    }
    int type = frame.head() & 0xff;
    ByteString payload = frame.drop(1);
    if (type == INLINE) {
      return new Inline(payload);
    }
    ByteBuffer buffer = payload.asByteBuffer();
    try {
      Frame decoded =
          switch (type) {
            case TICKET -> new Ticket(ticket(bytes(buffer, buffer.remaining())));
            case PIECE_KNOWN ->
                new News(
                    new LayerNews.PieceKnown(
                        number(buffer),
                        number(buffer),
                        new PieceProof(
                            PieceHash.of(bytes(buffer, PieceHash.BYTES)),
                            bytes(buffer, PieceProof.MAC_BYTES))));
            case SEALED -> new News(new LayerNews.Sealed(number(buffer)));
            case REJECTED -> new News(new LayerNews.Rejected(number(buffer), text(buffer)));
            case RELAYED ->
                new Relayed(
                    buffer.hasRemaining() ? OptionalLong.of(size(buffer)) : OptionalLong.empty());
            case KEEP_ALIVE -> new KeepAlive();
            default -> throw new MalformedFrameException("a frame of type " + type);
          };
      if (buffer.hasRemaining()) {
        throw new MalformedFrameException(
            "%d bytes too many in a frame of type %d".formatted(buffer.remaining(), type));
      }
      return decoded;
    } catch (BufferUnderflowException _) {
      throw new MalformedFrameException("a frame of type %d is too short".formatted(type));
    }
  }

  /**
   * Cuts bytes into frames as they become whole. Backpressures with its downstream; completes after
   * its upstream; fails on a length beyond {@link #MAX_INLINE_BYTES} and some, on a frame that does
   * not decode, and when the upstream ends within a frame.
   */
  static Flow<ByteString, Frame, NotUsed> decoder() {
    return Framing.lengthField(4, 0, MAX_INLINE_BYTES + OVERHEAD_BYTES, ByteOrder.BIG_ENDIAN)
        .map(frame -> decode(frame.drop(4)));
  }

  private static byte[] json(LayerTicket ticket) {
    HexFormat hex = HexFormat.of();
    ObjectNode node = JSON.createObjectNode();
    node.put("digest", ticket.digest().toString());
    node.put("size", ticket.layout().sizeBytes());
    node.put("pieceLength", ticket.layout().pieceBytes());
    node.put("generation", ticket.generation());
    node.put("swarmId", hex.formatHex(ticket.swarmId().toBytes()));
    node.put("secret", hex.formatHex(ticket.secret().toBytes()));
    ArrayNode seeds = node.putArray("seeds");
    ticket.seeds().stream().limit(MAX_SEEDS).forEach(seed -> seeds.add(HostAndPort.of(seed) + ""));
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree always renders", e);
    }
  }

  private static LayerTicket ticket(byte[] json) {
    try {
      JsonNode node = JSON.readTree(json);
      HexFormat hex = HexFormat.of();
      List<InetSocketAddress> seeds = new ArrayList<>();
      for (JsonNode seed : node.path("seeds")) {
        HostAndPort.parse(seed.asText())
            .map(HostAndPort::toSocketAddress)
            .filter(address -> !address.isUnresolved()) // nobody looks a peer's name up
            .ifPresent(seeds::add);
      }
      if (seeds.size() > MAX_SEEDS || node.path("generation").asInt(-1) < 0) {
        throw new MalformedFrameException("a ticket with wrong values");
      }
      return new LayerTicket(
          Digest.of(node.path("digest").asText()),
          new PieceLayout(node.path("size").asLong(-1), node.path("pieceLength").asInt()),
          node.path("generation").asInt(),
          SwarmId.of(hex.parseHex(node.path("swarmId").asText())),
          Secret.of(hex.parseHex(node.path("secret").asText())),
          seeds);
    } catch (java.io.IOException | IllegalArgumentException _) {
      // not as cause: a parser quotes its input, which holds the swarm's secret
      throw new MalformedFrameException("a ticket that is not the expected JSON");
    }
  }

  private static int number(ByteBuffer buffer) {
    int value = buffer.getInt();
    if (value < 0) {
      throw new MalformedFrameException("a number above 2^31");
    }
    return value;
  }

  private static String text(ByteBuffer buffer) {
    if (buffer.remaining() > MAX_CAUSE_BYTES) {
      throw new MalformedFrameException("a cause of " + buffer.remaining() + " bytes");
    }
    return new String(bytes(buffer, buffer.remaining()), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ByteBuffer buffer, int length) {
    byte[] bytes = new byte[length];
    buffer.get(bytes);
    return bytes;
  }

  private static long size(ByteBuffer buffer) {
    long value = buffer.getLong();
    if (value < 0) {
      throw new MalformedFrameException("a size below 0");
    }
    return value;
  }

  private static byte[] u64(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  private static byte[] u32(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static ByteString header(int type, int payloadBytes) {
    ByteBuffer head = ByteBuffer.allocate(5).putInt(1 + payloadBytes).put((byte) type);
    return ByteString.fromArrayUnsafe(head.array());
  }

  private static ByteString frame(int type, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteBuffer whole = ByteBuffer.allocate(5 + length).putInt(1 + length).put((byte) type);
    for (byte[] part : parts) {
      whole.put(part);
    }
    return ByteString.fromArrayUnsafe(whole.array());
  }
}
