package io.layercast.load;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Connections of one address on which requests begin and never end (slowloris). */
final class SlowHeads implements Closeable {
  static final int COUNT = 200;

  private static final byte[] BEGINNING =
      "GET / HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII);

  private final List<Socket> open = new ArrayList<>();
  private final long startNanos = System.nanoTime();
  private Duration longest = Duration.ZERO;

  private SlowHeads() {}

  /**
   * @param from the address they come from
   */
  static SlowHeads at(String address, String from) throws IOException {
    SlowHeads slow = new SlowHeads();
    InetSocketAddress to = Workplace.socketAddress(address);
    for (int i = 0; i < COUNT; i++) {
      Socket socket = new Socket();
      slow.open.add(socket);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
      socket.connect(to, 5_000);
      socket.setSoTimeout(1);
      begin(socket);
    }
    return slow;
  }

  private static void begin(Socket socket) throws IOException {
    try {
      socket.getOutputStream().write(BEGINNING);
    } catch (SocketException _) {
      return; // turned away, as drip() will see
    }
  }

  /** Sends one more byte on each that is open still; how many those are. */
  int drip() throws IOException {
    for (Socket socket : List.copyOf(open)) {
      if (!goesOn(socket)) {
        socket.close();
        open.remove(socket);
        longest = Duration.ofNanos(System.nanoTime() - startNanos);
      }
    }
    return open.size();
  }

  private static boolean goesOn(Socket socket) throws IOException {
    try {
      socket.getOutputStream().write('G');
      return socket.getInputStream().read() >= 0;
    } catch (SocketTimeoutException _) {
      return true;
    } catch (SocketException _) {
      return false;
    }
  }

  /** How long the last that was closed had stood. */
  Duration longest() {
    return longest;
  }

  /** What comes back for a head, up to the end of the connection or for two seconds. */
  static String ask(String address, String head) throws IOException {
    InetSocketAddress to = Workplace.socketAddress(address);
    StringBuilder answer = new StringBuilder();
    try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
      socket.setSoTimeout(2_000);
      socket.getOutputStream().write((head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
      for (int next = socket.getInputStream().read();
          next >= 0;
          next = socket.getInputStream().read()) {
        answer.append((char) next);
      }
    } catch (SocketTimeoutException | SocketException _) {
      return answer.toString(); // what came before it was reset
    }
    return answer.toString();
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
  }
}
