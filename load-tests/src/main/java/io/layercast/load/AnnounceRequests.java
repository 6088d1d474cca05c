package io.layercast.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HTTP requests of many peers in the same swarms. */
final class AnnounceRequests {
  private static final int NAME_BYTES = 12;
  private static final int ID_BYTES = 20;

  private final List<byte[]> ids;

  private AnnounceRequests(List<byte[]> ids) {
    this.ids = ids;
  }

  /**
   * In {@code swarms} swarms that a tracker with this key takes for its cluster's: the last 8 bytes
   * of an id authenticate the first 12 (docs/adr/0008-swarm-ids.md).
   */
  static AnnounceRequests of(Path clusterKey, int swarms) throws IOException {
    List<byte[]> ids = new ArrayList<>();
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(Files.readAllBytes(clusterKey), "HmacSHA256"));
      for (int i = 0; i < swarms; i++) {
        byte[] id = Arrays.copyOf(ByteBuffer.allocate(NAME_BYTES).putInt(i).array(), ID_BYTES);
        mac.update("swarm-seal\0".getBytes(ISO_8859_1));
        mac.update(id, 0, NAME_BYTES);
        System.arraycopy(mac.doFinal(), 0, id, NAME_BYTES, ID_BYTES - NAME_BYTES);
        ids.add(id);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
    return new AnnounceRequests(ids);
  }

  /** The ids in hex. */
  List<String> ids() {
    return ids.stream().map(HexFormat.of()::formatHex).toList();
  }

  /** What a standard client asks, once (BEP 3, 23). */
  byte[] announce(int swarm, int peer, int port, boolean isSeed) {
    return ("GET " + path(swarm, peer, port, isSeed) + " HTTP/1.1\r\nHost: tracker\r\n\r\n")
        .getBytes(ISO_8859_1);
  }

  /** The target of that request. */
  String path(int swarm, int peer, int port, boolean isSeed) {
    StringBuilder hash = new StringBuilder();
    for (byte b : ids.get(swarm)) {
      hash.append('%').append(HexFormat.of().toHexDigits(b));
    }
    return ("/announce?info_hash=%s&peer_id=%s&port=%d&uploaded=0&downloaded=0&left=%d"
            + "&compact=1&numwant=50")
        .formatted(hash, peerId(peer), port, isSeed ? 0 : 1_000);
  }

  /** The inventory of one of our nodes, complete in all the swarms (docs/adr/0007-tracker.md). */
  byte[] inventory(int peer, int port) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    String head = "d4:fulli1e7:peer_id20:%s4:porti%de6:swarmsl".formatted(peerId(peer), port);
    body.writeBytes(head.getBytes(ISO_8859_1));
    for (byte[] id : ids) {
      body.writeBytes("d2:id20:".getBytes(ISO_8859_1));
      body.writeBytes(id);
      body.writeBytes("4:lefti0ee".getBytes(ISO_8859_1));
    }
    body.writeBytes("ee".getBytes(ISO_8859_1));
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(
        "POST /layercast/v1/announce HTTP/1.1\r\nHost: tracker\r\nContent-Length: %d\r\n\r\n"
            .formatted(body.size())
            .getBytes(ISO_8859_1));
    request.writeBytes(body.toByteArray());
    return request.toByteArray();
  }

  private static String peerId(int peer) {
    return "-LC0100-%012d".formatted(peer);
  }
}
