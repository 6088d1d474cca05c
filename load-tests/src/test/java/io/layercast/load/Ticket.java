package io.layercast.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.HexFormat;

/**
 * What a granted caller reads in the first frame of a proxy's metainfo: {@code u32 length, u8 type
 * 1, JSON}. Frames of type 7 may come before it.
 *
 * @param swarmId 20 bytes
 * @param secret what a peer of the swarm proves
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record Ticket(byte[] swarmId, byte[] secret, long size, int pieceLength) {
  private static final int TICKET = 1;
  private static final int KEEP_ALIVE = 7;

  /** Asks the proxy that owns it; what it tells is from then on looked for where it must not be. */
  static Ticket read(
      Workplace workplace, Role proxy, Blob blob, String repository, String... headers)
      throws IOException {
    String url = proxy.url() + path(blob, repository);
    try (DataInputStream in = new DataInputStream(Http.open(url, headers).body())) {
      int length = in.readInt();
      int type = in.readUnsignedByte();
      while (type == KEEP_ALIVE) {
        length = in.readInt();
        type = in.readUnsignedByte();
      }
      if (type != TICKET) {
        throw new IOException("a frame of type " + type + " instead of a ticket");
      }
      JsonNode json = new ObjectMapper().readTree(in.readNBytes(length - 1));
      HexFormat hex = HexFormat.of();
      Ticket ticket =
          new Ticket(
              hex.parseHex(json.path("swarmId").asText()),
              hex.parseHex(json.path("secret").asText()),
              json.path("size").asLong(),
              json.path("pieceLength").asInt());
      workplace.secrets().add("a swarm's id", ticket.swarmId);
      workplace.secrets().add("a swarm's secret", ticket.secret);
      return ticket;
    }
  }

  private static String path(Blob blob, String repository) {
    return "/layercast/v1/blobs/" + blob.digest() + "/metainfo?repository=" + repository;
  }

  int pieceCount() {
    return (int) Math.ceilDiv(size, (long) pieceLength);
  }

  int lengthOf(int piece) {
    return (int) Math.min(pieceLength, size - (long) piece * pieceLength);
  }
}
