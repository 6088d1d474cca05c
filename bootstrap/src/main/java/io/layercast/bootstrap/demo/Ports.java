package io.layercast.bootstrap.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * Chooses addresses on the loopback network for processes that are about to start. Each part of the
 * demo lives on a 127.0.0.x of its own, as on a machine of its own, at its usual port if that is
 * free; where only 127.0.0.1 exists (macOS), all live there at free ports.
 */
final class Ports implements AutoCloseable {
  private final List<ServerSocket> held = new ArrayList<>();

  /** {@code 127.0.0.<host>:<port>} if it can be had, else a free port there. */
  InetSocketAddress choose(int host, int port) throws IOException {
    InetAddress address = loopback(host);
    try {
      return hold(address, port);
    } catch (IOException _) { // taken: any other will do
      return hold(address, 0);
    }
  }

  /** Whether localhost has nobody at {@code port}. */
  static boolean isFree(int port) {
    try (ServerSocket _ = bound(loopback(1), port)) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private InetSocketAddress hold(InetAddress address, int port) throws IOException {
    ServerSocket socket = bound(address, port);
    held.add(socket);
    return new InetSocketAddress(address, socket.getLocalPort());
  }

  private static ServerSocket bound(InetAddress address, int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(address, port));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static InetAddress loopback(int host) throws UnknownHostException {
    InetAddress own = InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) host});
    try (ServerSocket _ = bound(own, 0)) {
      return own;
    } catch (IOException _) {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }
  }

  /** Frees the chosen ports for those who are to listen there. */
  @Override
  public void close() throws IOException {
    for (ServerSocket socket : held) {
      socket.close();
    }
    held.clear();
  }

  static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
