package io.layercast.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.Consumer;

/** Hands each connection of a server socket to a thread of its own until the socket is closed. */
final class Acceptor {
  private Acceptor() {}

  /**
   * @param name of the server, in its threads' names and in its error
   * @param serve owns the socket it is given
   */
  static void start(String name, ServerSocket server, Consumer<Socket> serve) {
    Thread.ofPlatform().daemon().name(name).start(() -> accept(name, server, serve));
  }

  private static void accept(String name, ServerSocket server, Consumer<Socket> serve) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().name(name).start(() -> serve.accept(socket));
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException(name + " cannot listen", e);
        }
      }
    }
  }
}
