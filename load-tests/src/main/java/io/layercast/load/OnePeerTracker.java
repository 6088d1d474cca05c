package io.layercast.load;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A tracker (BEP 3, BEP 23) that names one and the same peer for every torrent. */
final class OnePeerTracker implements Closeable {
  private final HttpServer server;
  private volatile byte[] peer = new byte[0];

  private OnePeerTracker(HttpServer server) {
    this.server = server;
  }

  static OnePeerTracker start(String host) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(host, 0), 0);
    OnePeerTracker tracker = new OnePeerTracker(server);
    server.createContext(
        "/announce",
        exchange -> {
          try (exchange) {
            byte[] answer = tracker.answer();
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    server.start();
    return tracker;
  }

  String announceUrl() {
    InetSocketAddress at = server.getAddress();
    return "http://" + at.getHostString() + ":" + at.getPort() + "/announce";
  }

  /** From now on this is the peer. */
  void name(InetSocketAddress address) {
    ByteBuffer compact = ByteBuffer.allocate(6);
    compact.put(address.getAddress().getAddress()).putShort((short) address.getPort());
    peer = compact.array();
  }

  private byte[] answer() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String head = "d8:intervali1800e5:peers" + peer.length + ":";
    out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(peer);
    out.write('e');
    return out.toByteArray();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
