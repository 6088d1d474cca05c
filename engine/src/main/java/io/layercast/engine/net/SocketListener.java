package io.layercast.engine.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the connections at one address, on a thread of its own that only waits. */
public final class SocketListener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SocketListener.class);
  private static final int BACKLOG = 512;

  /** Without file handles each try to accept fails at once. */
  private static final long PAUSE_NANOS = 100_000_000;

  private final ServerSocketChannel server;

  private SocketListener(ServerSocketChannel server) {
    this.server = server;
  }

  /**
   * Listens; nothing is taken before {@link #acceptInto}.
   *
   * @throws IOException when the address can not be had
   */
  public static SocketListener bind(InetSocketAddress address) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    try {
      server.bind(address, BACKLOG);
      return new SocketListener(server);
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  public InetSocketAddress address() throws IOException {
    return (InetSocketAddress) server.getLocalAddress();
  }

  /** Owns each connection it is given, unless it throws. */
  @FunctionalInterface
  public interface Taker {
    void take(SocketChannel connection) throws IOException;
  }

  /** Gives each connection to {@code taker}, until this is closed. */
  public void acceptInto(Taker taker) {
    Thread.ofPlatform().daemon().name("layercast-listener").start(() -> accept(taker));
  }

  private void accept(Taker taker) {
    while (server.isOpen()) {
      try {
        give(server.accept(), taker);
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.warn("tried to take a connection, but failed because {}", e.getMessage());
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private static void give(SocketChannel connection, Taker taker) throws IOException {
    try {
      taker.take(connection);
    } catch (IOException | RuntimeException e) { // gone already, or the node is shutting down
      LOG.debug("Turning a connection away", e);
      connection.close();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
