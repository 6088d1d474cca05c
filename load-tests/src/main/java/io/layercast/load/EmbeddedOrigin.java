package io.layercast.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A registry in this process: serves OCI layouts from their folders, one range at a time. */
final class EmbeddedOrigin implements Closeable {
  private static final Pattern PATH =
      Pattern.compile("/v2/(.+)/(manifests|blobs)/(v1|sha256:[0-9a-f]{64})");
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

  private final HttpServer server;
  private final Map<String, TestImage> images = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> sent = new ConcurrentHashMap<>();

  private EmbeddedOrigin(HttpServer server) {
    this.server = server;
  }

  static EmbeddedOrigin start(Workplace workplace) throws IOException {
    HttpServer server =
        HttpServer.create(
            Workplace.socketAddress(Workplace.freePort(workplace.ownAddress(), 5000)), 0);
    EmbeddedOrigin origin = new EmbeddedOrigin(server);
    server.createContext("/v2/", origin::answer);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    return workplace.closeLater(origin);
  }

  String url() {
    return "http://" + server.getAddress().getHostString() + ":" + server.getAddress().getPort();
  }

  void put(TestImage image, String repository) {
    images.put(repository, image);
  }

  /** Of each blob, in all answers. */
  Map<String, Long> sentBytes() {
    Map<String, Long> bytes = new TreeMap<>();
    sent.forEach((digest, count) -> bytes.put(digest, count.sum()));
    return bytes;
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Matcher path = PATH.matcher(exchange.getRequestURI().getPath());
      TestImage image = path.matches() ? images.get(path.group(1)) : null;
      if (image == null) {
        boolean isPing = exchange.getRequestURI().getPath().equals("/v2/");
        exchange.sendResponseHeaders(isPing ? 200 : 404, -1);
        return;
      }
      boolean isManifest = path.group(2).equals("manifests");
      String digest = path.group(3).equals(image.tag()) ? image.manifest().digest() : path.group(3);
      Path file = image.file(new Blob(digest, 0));
      if (!Files.exists(file)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      exchange
          .getResponseHeaders()
          .set("Content-Type", isManifest ? ImageMaker.MANIFEST : "application/octet-stream");
      exchange.getResponseHeaders().set("Docker-Content-Digest", digest);
      send(exchange, digest, file);
    }
  }

  private void send(HttpExchange exchange, String digest, Path file) throws IOException {
    long size = Files.size(file);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", "" + size);
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    Matcher asked = RANGE.matcher(range == null ? "" : range);
    long begin = 0;
    long end = size;
    if (asked.matches()) {
      begin = Math.min(size, Long.parseLong(asked.group(1)));
      String last = asked.group(2);
      end = last.isEmpty() ? size : Math.min(size, Long.parseLong(last) + 1);
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + begin + "-" + (end - 1) + "/" + size);
    }
    exchange.sendResponseHeaders(asked.matches() ? 206 : 200, end - begin);
    try (FileChannel in = FileChannel.open(file);
        OutputStream out = exchange.getResponseBody()) {
      for (long at = begin; at < end; ) {
        long passed = in.transferTo(at, Math.min(end - at, 1 << 18), Channels.newChannel(out));
        at += passed;
        sent.computeIfAbsent(digest, _ -> new LongAdder()).add(passed);
      }
    }
  }
}
