package io.layercast.load;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A registry that misbehaves as told, on a bare socket, so that it can say what no HTTP server
 * would. One request a connection; everything asked of it is noted.
 */
final class BadOrigin implements Closeable {
  private final ServerSocket server;
  private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  /**
   * One request.
   *
   * @param headers by lower-case name
   * @param atNanos when it came, {@link System#nanoTime}
   */
  record Request(String method, String path, Map<String, String> headers, long atNanos) {
    Request {
      headers = Map.copyOf(headers);
    }

    /** First byte asked for, 0 without a Range. */
    long from() {
      String range = headers.getOrDefault("range", "bytes=0-");
      return Long.parseLong(range.substring("bytes=".length(), range.indexOf('-')));
    }

    /** One past the last byte asked for. */
    long to(long size) {
      String range = headers.getOrDefault("range", "bytes=0-");
      String last = range.substring(range.indexOf('-') + 1);
      return last.isEmpty() ? size : Math.min(size, Long.parseLong(last) + 1);
    }

    boolean hasRange() {
      return headers.containsKey("range");
    }
  }

  /** Writes the whole answer, or less, or resets the socket. */
  interface Behaviour {
    void answer(Request request, OutputStream out, Socket socket) throws IOException;
  }

  private BadOrigin(ServerSocket server) {
    this.server = server;
  }

  static BadOrigin start(Workplace workplace) throws IOException {
    ServerSocket server = new ServerSocket();
    server.bind(Workplace.socketAddress(Workplace.freePort(workplace.address(), 5000)));
    BadOrigin origin = new BadOrigin(server);
    Acceptor.start("bad-origin", server, origin::answer);
    return workplace.closeLater(origin);
  }

  String address() {
    InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
    return address.getHostString() + ":" + address.getPort();
  }

  String url() {
    return "http://" + address();
  }

  /** How it answers for a digest, wherever that stands in the path. */
  void on(String digest, Behaviour behaviour) {
    behaviours.put(digest, behaviour);
  }

  /** What was asked about {@code digest}, in order. */
  List<Request> requests(String digest) {
    return requests.stream().filter(request -> request.path().contains(digest)).toList();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  /** A good answer to HEAD, GET and ranges. */
  static void serve(byte[] blob, Request request, OutputStream out) throws IOException {
    int from = (int) request.from();
    int to = (int) request.to(blob.length);
    head(
        out,
        request.hasRange() ? "206 Partial Content" : "200 OK",
        "Content-Length: " + (to - from),
        "Content-Type: application/octet-stream",
        "Accept-Ranges: bytes",
        request.hasRange()
            ? "Content-Range: bytes %d-%d/%d".formatted(from, to - 1, blob.length)
            : "X-Whole: yes");
    if (!request.method().equals("HEAD")) {
      out.write(blob, from, to - from);
    }
  }

  /** A status line and headers. */
  static void head(OutputStream out, String status, String... headers) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + "\r\nConnection: close\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    out.write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
  }

  private void answer(Socket socket) {
    try (socket;
        OutputStream out = socket.getOutputStream()) {
      Request request = read(socket);
      requests.add(request);
      for (Map.Entry<String, Behaviour> known : behaviours.entrySet()) {
        if (request.path().contains(known.getKey())) {
          known.getValue().answer(request, out, socket);
          return;
        }
      }
      boolean base = request.path().equals("/v2/");
      head(out, base ? "200 OK" : "404 Not Found", "Content-Length: 0");
    } catch (IOException e) {
      // The other side hung up in the middle, as it may on an origin like this.
      requests.add(new Request("FAILED", e.toString(), Map.of(), System.nanoTime()));
    }
  }

  private static Request read(Socket socket) throws IOException {
    BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    List<String> lines = new ArrayList<>();
    for (String line = reader.readLine();
        line != null && !line.isEmpty();
        line = reader.readLine()) {
      lines.add(line);
    }
    if (lines.isEmpty()) {
      throw new IOException("a connection without a request");
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    List<String> start = List.of(lines.getFirst().split(" ", -1));
    return new Request(
        start.get(0), URI.create(start.get(1)).getPath(), headers, System.nanoTime());
  }
}
