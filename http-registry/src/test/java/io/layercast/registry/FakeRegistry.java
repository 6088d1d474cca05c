package io.layercast.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.layercast.engine.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * An origin on a loopback address: OCI pull side, Basic and Bearer with its own token service,
 * which does not check what a manifest names, and every {@link Trouble} an origin can make.
 */
final class FakeRegistry implements AutoCloseable {
  /** What it does wrong with blobs. */
  enum Trouble {
    NONE,
    REDIRECT,
    REDIRECT_LOOP,
    STALL,
    WRONG_BYTES,
    NO_LENGTH,
    TRUNCATE,
    IGNORE_RANGE,
    WRONG_RANGE,
    BUSY,
    DOWN,
    HTML_ERROR,

    /** Whatever it sends is compressed, though identity was asked for. */
    GZIP
  }

  /** How it asks who somebody is. */
  enum Login {
    OPEN,
    BASIC,
    BEARER
  }

  /** One request as it came. */
  record Seen(String method, String uri, String authorization, String range, String body) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Manifest(String mediaType, byte[] bytes) {}

  /** After a repository's name: its lists only. */
  private static final String LISTING = "#lists";

  private static final Pattern PATH =
      Pattern.compile("/v2/(.+)/(manifests|blobs|tags|referrers)/([^/]+)");
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

  /** Names of headers that ever came, in lower case. */
  private final Set<String> headerNames = ConcurrentHashMap.newKeySet();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final Map<String, Manifest> manifests = new ConcurrentHashMap<>();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> rights = new ConcurrentHashMap<>();

  /** Manifests are sent when it is open; it is at first. */
  volatile CountDownLatch manifestGate = new CountDownLatch(0);

  volatile Trouble trouble = Trouble.NONE;
  volatile Login login = Login.OPEN;
  volatile String redirectTo = "";
  volatile String realm;

  FakeRegistry() {
    this("127.0.0.1");
  }

  FakeRegistry(String address) {
    try {
      server = HttpServer.create(new InetSocketAddress(address, 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
    realm = url() + "/token";
  }

  URI url() {
    InetSocketAddress address = server.getAddress();
    return URI.create("http://" + address.getAddress().getHostAddress() + ":" + address.getPort());
  }

  /** Lets {@code user:password} pull from {@code repository}. */
  void allow(String userAndPassword, String repository) {
    rights.computeIfAbsent(userAndPassword, _ -> ConcurrentHashMap.newKeySet()).add(repository);
  }

  /** Lets {@code user:password} list what is in {@code repository}. */
  void allowListing(String userAndPassword, String repository) {
    allow(userAndPassword, repository + LISTING);
  }

  void forbid(String userAndPassword, String repository) {
    rights.getOrDefault(userAndPassword, Set.of()).remove(repository);
  }

  Digest putBlob(String repository, byte[] bytes) {
    Digest digest = Digest.sha256Of(bytes);
    blobs.put(repository + "@" + digest, bytes);
    return digest;
  }

  /** Takes any manifest, whatever it names. */
  Digest putManifest(String repository, String tag, String mediaType, byte[] bytes) {
    Digest digest = Digest.sha256Of(bytes);
    manifests.put(repository + "@" + digest, new Manifest(mediaType, bytes));
    manifests.put(repository + "@" + tag, new Manifest(mediaType, bytes));
    return digest;
  }

  /** Requests so far, oldest first. */
  List<Seen> seen() {
    return seen;
  }

  long count(String method, String part) {
    return seen.stream().filter(s -> s.method().equals(method) && s.uri().contains(part)).count();
  }

  static String basic(String userAndPassword) {
    return "Basic "
        + Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
  }

  Set<String> headerNames() {
    return Set.copyOf(headerNames);
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      exchange
          .getRequestHeaders()
          .keySet()
          .forEach(name -> headerNames.add(name.toLowerCase(Locale.ROOT)));
      seen.add(
          new Seen(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              header(exchange, "Authorization"),
              header(exchange, "Range"),
              body));
      String path = exchange.getRequestURI().getPath();
      Matcher matcher = PATH.matcher(path);
      if (path.equals("/token")) {
        token(exchange, body);
      } else if (path.equals("/v2/")) {
        if (login == Login.OPEN || isKnown(exchange)) {
          send(exchange, 200, "application/json", "{}".getBytes(StandardCharsets.UTF_8));
        } else {
          unauthorized(exchange, "");
        }
      } else if (path.startsWith("/cdn/")) {
        byte[] bytes = blobs.get("cdn@" + path.substring(5));
        if (login != Login.OPEN) {
          unauthorized(exchange, "cdn");
        } else if (bytes == null) {
          notFound(exchange, "BLOB_UNKNOWN");
        } else {
          bytes(exchange, bytes, "application/octet-stream");
        }
      } else if (!matcher.matches()) {
        notFound(exchange, "NAME_UNKNOWN");
      } else {
        inRepository(exchange, matcher.group(1), matcher.group(2), matcher.group(3));
      }
    }
  }

  private static void pass(CountDownLatch gate) throws IOException {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted at the gate", e);
    }
  }

  private void inRepository(HttpExchange exchange, String repository, String kind, String rest)
      throws IOException {
    boolean lists = kind.equals("tags") || kind.equals("referrers");
    boolean isAllowed =
        mayPull(exchange, repository) || (lists && mayPull(exchange, repository + LISTING));
    if (login != Login.OPEN && !isAllowed) {
      if (isKnown(exchange) && login == Login.BASIC) {
        error(exchange, 403, "DENIED");
      } else {
        unauthorized(exchange, repository);
      }
      return;
    }
    switch (kind) {
      case "manifests" -> {
        Manifest manifest = manifests.get(repository + "@" + rest);
        if (manifest == null) {
          notFound(exchange, "MANIFEST_UNKNOWN");
        } else {
          pass(manifestGate);
          Digest digest = Digest.sha256Of(manifest.bytes());
          exchange.getResponseHeaders().set("Docker-Content-Digest", digest.toString());
          byte[] bytes = manifest.bytes();
          if (trouble == Trouble.WRONG_BYTES) {
            bytes = bytes.clone();
            bytes[0] ^= 1;
          }
          send(exchange, 200, manifest.mediaType(), bytes);
        }
      }
      case "blobs" -> {
        byte[] bytes = blobs.get(repository + "@" + rest);
        if (bytes == null) {
          notFound(exchange, "BLOB_UNKNOWN");
        } else {
          blob(exchange, bytes, rest);
        }
      }
      case "tags" -> {
        exchange
            .getResponseHeaders()
            .set(
                "Link", "<" + url() + "/v2/" + repository + "/tags/list?last=b&n=2>; rel=\"next\"");
        send(
            exchange,
            200,
            "application/json",
            ("{\"name\":\"" + repository + "\",\"tags\":[\"a\",\"b\"]}")
                .getBytes(StandardCharsets.UTF_8));
      }
      default ->
          send(
              exchange,
              200,
              "application/vnd.oci.image.index.v1+json",
              "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(StandardCharsets.UTF_8));
    }
  }

  private void blob(HttpExchange exchange, byte[] bytes, String digest) throws IOException {
    switch (trouble) {
      case NONE, GZIP -> bytes(exchange, bytes, "application/octet-stream");
      case REDIRECT -> redirect(exchange, redirectTo + "/cdn/" + digest + "?sig=a%2Fb%20c");
      case REDIRECT_LOOP -> redirect(exchange, exchange.getRequestURI().toString());
      case STALL -> {
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
        exchange.getResponseBody().flush();
        try {
          closed.await();
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
        }
      }
      case WRONG_BYTES -> {
        byte[] wrong = bytes.clone();
        wrong[wrong.length / 2] ^= 1;
        bytes(exchange, wrong, "application/octet-stream");
      }
      case NO_LENGTH -> {
        exchange.sendResponseHeaders(200, 0);
        if (!exchange.getRequestMethod().equals("HEAD")) {
          exchange.getResponseBody().write(bytes);
        }
      }
      case TRUNCATE -> {
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
        exchange.getResponseBody().flush();
      }
      case IGNORE_RANGE -> send(exchange, 200, "application/octet-stream", bytes);
      case WRONG_RANGE -> {
        exchange.getResponseHeaders().set("Content-Range", "bytes 0-9/" + bytes.length);
        exchange.sendResponseHeaders(206, 10);
        exchange.getResponseBody().write(bytes, 0, 10);
      }
      case BUSY -> {
        exchange.getResponseHeaders().set("Retry-After", "7");
        error(exchange, 429, "TOOMANYREQUESTS");
      }
      case DOWN ->
          send(exchange, 503, "text/html", "<h1>down</h1>".getBytes(StandardCharsets.UTF_8));
      case HTML_ERROR ->
          send(exchange, 404, "text/html", "<h1>secret page</h1>".getBytes(StandardCharsets.UTF_8));
    }
  }

  private void bytes(HttpExchange exchange, byte[] bytes, String type) throws IOException {
    Matcher range = RANGE.matcher(header(exchange, "Range"));
    if (!range.matches()) {
      send(exchange, 200, type, bytes);
      return;
    }
    int from = Integer.parseInt(range.group(1));
    int to =
        range.group(2).isEmpty()
            ? bytes.length
            : Math.min(bytes.length, Integer.parseInt(range.group(2)) + 1);
    if (from >= bytes.length) {
      error(exchange, 416, "RANGE_INVALID");
      return;
    }
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, bytes.length));
    send(exchange, 206, type, Arrays.copyOfRange(bytes, from, to));
  }

  private void token(HttpExchange exchange, String form) throws IOException {
    String user = user(header(exchange, "Authorization"), form);
    if (!rights.containsKey(user)) {
      error(exchange, 401, "UNAUTHORIZED");
      return;
    }
    String token = Base64.getUrlEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
    send(
        exchange,
        200,
        "application/json",
        "{\"token\":\"%s\",\"access_token\":\"%s\",\"refresh_token\":\"%s\"}"
            .formatted(token, token, user.replace(':', '_'))
            .getBytes(StandardCharsets.UTF_8));
  }

  private static String user(String authorization, String form) {
    Matcher refresh = Pattern.compile("refresh_token=([a-z]+)_([a-z]+)").matcher(form);
    if (refresh.find()) {
      return refresh.group(1) + ":" + refresh.group(2);
    }
    Matcher password = Pattern.compile("username=([a-z]+)&password=([a-z]+)").matcher(form);
    if (password.find()) {
      return password.group(1) + ":" + password.group(2);
    }
    return decode(authorization, "Basic ");
  }

  private static String decode(String authorization, String scheme) {
    if (!authorization.startsWith(scheme)) {
      return "";
    }
    String text = authorization.substring(scheme.length());
    byte[] bytes =
        scheme.equals("Basic ")
            ? Base64.getDecoder().decode(text)
            : Base64.getUrlDecoder().decode(text);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String caller(HttpExchange exchange) {
    return decode(header(exchange, "Authorization"), login == Login.BASIC ? "Basic " : "Bearer ");
  }

  private boolean isKnown(HttpExchange exchange) {
    return rights.containsKey(caller(exchange));
  }

  private boolean mayPull(HttpExchange exchange, String repository) {
    return rights.getOrDefault(caller(exchange), Set.of()).contains(repository);
  }

  private void unauthorized(HttpExchange exchange, String repository) throws IOException {
    String challenge =
        login == Login.BASIC
            ? "Basic realm=\"Fake Registry\""
            : "Bearer realm=\"%s\",service=\"fake\"".formatted(realm)
                + (repository.isEmpty()
                    ? ""
                    : ",scope=\"repository:%s:pull\"".formatted(repository));
    exchange.getResponseHeaders().set("WWW-Authenticate", challenge);
    error(exchange, 401, "UNAUTHORIZED");
  }

  private static void redirect(HttpExchange exchange, String location) throws IOException {
    exchange.getResponseHeaders().set("Location", location);
    exchange.sendResponseHeaders(307, -1);
  }

  private void notFound(HttpExchange exchange, String code) throws IOException {
    error(exchange, 404, code);
  }

  private void error(HttpExchange exchange, int status, String code) throws IOException {
    send(
        exchange,
        status,
        "application/json",
        "{\"errors\":[{\"code\":\"%s\",\"message\":\"fake\",\"detail\":\"fake\"}]}"
            .formatted(code)
            .getBytes(StandardCharsets.UTF_8));
  }

  private void send(HttpExchange exchange, int status, String type, byte[] content)
      throws IOException {
    byte[] bytes = content;
    exchange.getResponseHeaders().set("Content-Type", type);
    if (trouble == Trouble.GZIP && status / 100 == 2) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
      bytes = gzip(content);
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", "" + bytes.length);
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }
}
