package io.layercast.bootstrap.demo;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.layercast.engine.Digest;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The demo's origin: a read-only OCI registry (distribution spec 1.1, pull) that holds one {@link
 * DemoImage} and counts every blob byte it sends. Plain HTTP, no credentials, one Range per
 * request.
 *
 * <p>{@code GET /layercast/v1/sent} answers the counts: {@code {"sha256:…":bytes,…}}.
 */
public final class DemoOrigin implements AutoCloseable {
  static final String SENT_PATH = "/layercast/v1/sent";

  private static final Pattern RANGE = Pattern.compile("bytes=([0-9]{1,18})-([0-9]{0,18})");
  private static final String OCTETS = "application/octet-stream";

  private final HttpServer server;
  private final ExecutorService executor;
  private final DemoImage image;
  private final Map<Digest, AtomicLong> sent = new ConcurrentHashMap<>();

  private DemoOrigin(HttpServer server, ExecutorService executor, DemoImage image) {
    this.server = server;
    this.executor = executor;
    this.image = image;
  }

  /**
   * Makes an image of about {@code imageBytes} and serves it at {@code address} (port 0: any free
   * one) until {@link #close}.
   *
   * @throws IllegalArgumentException when the image would be too small or too big
   */
  public static DemoOrigin start(InetSocketAddress address, long imageBytes) throws IOException {
    DemoImage image = DemoImage.ofSize(imageBytes);
    HttpServer server = HttpServer.create(address, 0);
    ExecutorService executor = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory());
    DemoOrigin origin = new DemoOrigin(server, executor, image);
    server.setExecutor(executor);
    server.createContext("/", origin::handle);
    server.start();
    return origin;
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  /** Of all blobs of its image. */
  public long imageBytes() {
    return image.blobBytes();
  }

  /** Blob bytes written to sockets so far. */
  public Map<Digest, Long> sentBytes() {
    Map<Digest, Long> copy = new ConcurrentHashMap<>();
    sent.forEach((digest, bytes) -> copy.put(digest, bytes.get()));
    return copy;
  }

  @Override
  public void close() {
    server.stop(0);
    executor.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean head = exchange.getRequestMethod().equals("HEAD");
      if (!head && !exchange.getRequestMethod().equals("GET")) {
        error(exchange, 405, "UNSUPPORTED", "this registry is read-only");
        return;
      }
      String path = exchange.getRequestURI().getPath();
      String repository = "/v2/" + DemoImage.REPOSITORY;
      if (path.equals("/v2/") || path.equals("/v2")) {
        bytes(exchange, 200, "application/json", "{}".getBytes(StandardCharsets.UTF_8));
      } else if (path.equals(SENT_PATH)) {
        bytes(exchange, 200, "application/json", sentJson());
      } else if (path.startsWith(repository + "/manifests/")) {
        manifest(exchange, path.substring(path.lastIndexOf('/') + 1));
      } else if (path.startsWith(repository + "/blobs/")) {
        blob(exchange, path.substring(path.lastIndexOf('/') + 1));
      } else if (path.equals(repository + "/tags/list")) {
        String tags =
            "{\"name\":\"%s\",\"tags\":[\"%s\"]}".formatted(DemoImage.REPOSITORY, DemoImage.TAG);
        bytes(exchange, 200, "application/json", tags.getBytes(StandardCharsets.UTF_8));
      } else {
        error(exchange, 404, "NAME_UNKNOWN", "only " + DemoImage.REPOSITORY + " lives here");
      }
    }
  }

  private void manifest(HttpExchange exchange, String reference) throws IOException {
    if (reference.equals(DemoImage.TAG) || reference.equals(image.manifestDigest().toString())) {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Docker-Content-Digest", image.manifestDigest().toString());
      bytes(exchange, 200, DemoImage.MANIFEST_TYPE, image.manifest());
    } else {
      error(exchange, 404, "MANIFEST_UNKNOWN", "no such manifest");
    }
  }

  private void blob(HttpExchange exchange, String text) throws IOException {
    Digest digest = Digest.parse(text).orElse(null);
    DemoLayer layer = digest == null ? null : image.layers().get(digest);
    if (digest != null && layer != null) {
      content(exchange, digest, layer.sizeBytes(), layer::writeTo);
    } else if (digest != null && digest.equals(image.configDigest())) {
      byte[] config = image.config();
      content(
          exchange,
          digest,
          config.length,
          (out, from, to) -> out.write(config, (int) from, (int) (to - from)));
    } else {
      error(exchange, 404, "BLOB_UNKNOWN", "no such blob");
    }
  }

  /** Something that can write any range of itself. */
  private interface Content {
    void writeTo(OutputStream out, long from, long to) throws IOException;
  }

  private void content(HttpExchange exchange, Digest digest, long size, Content content)
      throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Accept-Ranges", "bytes");
    headers.set("Docker-Content-Digest", digest.toString());
    headers.set("Content-Type", OCTETS);
    long from = 0;
    long to = size;
    Matcher range = range(exchange.getRequestHeaders().getFirst("Range"));
    if (range != null) {
      from = Long.parseLong(range.group(1));
      to = range.group(2).isEmpty() ? size : Math.min(size, Long.parseLong(range.group(2)) + 1);
      if (from >= to) {
        headers.set("Content-Range", "bytes */" + size);
        error(exchange, 416, "RANGE_INVALID", "the blob has " + size + " bytes");
        return;
      }
      headers.set("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, size));
    }
    int status = range == null ? 200 : 206;
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Long.toString(to - from));
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, to - from);
    try (OutputStream body = exchange.getResponseBody()) {
      content.writeTo(new Counted(body, countOf(digest)), from, to);
    }
  }

  private AtomicLong countOf(Digest digest) {
    return sent.computeIfAbsent(digest, _ -> new AtomicLong());
  }

  /** The Range header's one range, or null where the whole blob is to be sent (RFC 9110, 14.2). */
  private static @Nullable Matcher range(@Nullable String header) {
    if (header == null) {
      return null;
    }
    Matcher matcher = RANGE.matcher(header);
    return matcher.matches() ? matcher : null;
  }

  private byte[] sentJson() throws IOException {
    Map<String, Long> counts = new TreeMap<>();
    sent.forEach((digest, bytes) -> counts.put(digest.toString(), bytes.get()));
    return Json.write(counts);
  }

  private static void error(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    String json =
        "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\",\"detail\":{}}]}"
            .formatted(code, message);
    bytes(exchange, status, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static void bytes(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  /** Counts what went through, after it went. */
  private static final class Counted extends FilterOutputStream {
    private final AtomicLong count;

    Counted(OutputStream out, AtomicLong count) {
      super(out);
      this.count = count;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      count.addAndGet(length);
    }
  }
}
