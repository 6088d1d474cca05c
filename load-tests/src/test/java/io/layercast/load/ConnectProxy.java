package io.layercast.load;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A forward proxy that knows nothing but CONNECT, notes what it is sent, and may say no. */
final class ConnectProxy implements Closeable {
  private final ServerSocket server;
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean refusing;

  private ConnectProxy(ServerSocket server) {
    this.server = server;
  }

  static ConnectProxy start(Workplace workplace) throws IOException {
    ServerSocket server = new ServerSocket();
    server.bind(Workplace.socketAddress(Workplace.freePort(workplace.address(), 3128)));
    ConnectProxy proxy = new ConnectProxy(server);
    Acceptor.start("connect-proxy", server, proxy::serve);
    return workplace.closeLater(proxy);
  }

  String url() {
    return "http://" + server.getInetAddress().getHostAddress() + ":" + server.getLocalPort();
  }

  /** Everything it was sent before a tunnel stood, head by head. */
  List<String> heads() {
    return List.copyOf(heads);
  }

  /** How many tunnels to {@code host:port} were asked for. */
  long asked(String hostAndPort) {
    return heads.stream().filter(head -> head.startsWith("CONNECT " + hostAndPort + " ")).count();
  }

  /** From now on nobody gets a tunnel, and those that stand are torn down. */
  void refuse() throws IOException {
    refusing = true;
    for (Socket socket : open) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    refuse();
  }

  private void serve(Socket client) {
    open.add(client);
    try (client) {
      String head = readHead(client.getInputStream());
      heads.add(head);
      String[] request = head.split(" ", 3);
      OutputStream out = client.getOutputStream();
      if (refusing || !request[0].equals("CONNECT")) {
        out.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".getBytes(ascii()));
        return;
      }
      var target = Workplace.socketAddress(request[1]);
      try (Socket far = new Socket(target.getAddress(), target.getPort())) {
        open.add(far);
        out.write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(ascii()));
        Thread back = Thread.ofVirtual().start(() -> pump(far, client));
        pump(client, far);
        back.join();
        open.remove(far);
      }
    } catch (IOException e) {
      heads.add("BROKEN " + e); // shows up where somebody counts
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  /** Up to the empty line; what follows belongs to the tunnel. */
  private static String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(ascii()).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("a head that ends after " + head.size() + " bytes");
      }
      head.write(next);
    }
    return head.toString(ascii());
  }

  private static void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      closeBoth(from, to);
    }
  }

  private static void closeBoth(Socket one, Socket other) {
    try (one;
        other) {
      one.shutdownInput();
    } catch (IOException e) {
      return; // they are gone already
    }
  }

  private static java.nio.charset.Charset ascii() {
    return StandardCharsets.US_ASCII;
  }
}
