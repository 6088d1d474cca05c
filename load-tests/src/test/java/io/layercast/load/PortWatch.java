package io.layercast.load;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Notes for how long nobody listened at an address: looks every 20 ms until it is closed. */
final class PortWatch implements Closeable {
  private static final long STEP_NANOS = 20_000_000;
  private static final int CONNECT_MILLIS = 1_000;

  private final InetSocketAddress address;
  private final Thread thread = Thread.ofVirtual().name("port-watch").unstarted(this::watch);
  private volatile boolean isClosed;
  private volatile long longestNanos;

  private PortWatch(InetSocketAddress address) {
    this.address = address;
  }

  /** Begins to look at {@code host:port}. */
  static PortWatch start(String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    PortWatch watch =
        new PortWatch(
            new InetSocketAddress(
                hostAndPort.substring(0, colon),
                Integer.parseInt(hostAndPort.substring(colon + 1))));
    watch.thread.start();
    return watch;
  }

  private void watch() {
    long lastOpen = System.nanoTime();
    while (!isClosed) {
      if (isListening()) {
        longestNanos = Math.max(longestNanos, System.nanoTime() - lastOpen);
        lastOpen = System.nanoTime();
      }
      LockSupport.parkNanos(STEP_NANOS);
    }
  }

  private boolean isListening() {
    try (Socket socket = new Socket()) {
      socket.connect(address, CONNECT_MILLIS);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /** From the last connection before the longest such time to the first one after it. */
  Duration longestWithoutListener() {
    return Duration.ofNanos(longestNanos);
  }

  @Override
  public void close() {
    isClosed = true;
  }
}
