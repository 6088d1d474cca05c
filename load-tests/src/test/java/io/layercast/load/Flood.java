package io.layercast.load;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One hostile node against one peer address: connections that say nothing, a granted peer that
 * sends messages without end, and one that asks for blocks without end and reads none of them.
 */
final class Flood implements Closeable {
  private static final int CONNECTIONS = 300;
  private static final int MESSAGES_MAX = 2_000_000;
  private static final int BLOCK_BYTES = 16 * 1024;

  private final List<Closeable> open = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger messages = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final CountDownLatch thrownOut = new CountDownLatch(2);
  private volatile boolean closed;

  private interface Deed {
    void on(PeerWire wire) throws IOException;
  }

  private Flood() {}

  static Flood start(String peerAddress, Ticket ticket) throws IOException {
    Flood flood = new Flood();
    var address = Workplace.socketAddress(peerAddress);
    PeerWire talker = PeerWire.dialProven(peerAddress, ticket);
    PeerWire asker = PeerWire.dialProven(peerAddress, ticket);
    flood.open.addAll(List.of(talker, asker));
    for (int i = 0; i < CONNECTIONS; i++) {
      flood.open.add(new Socket(address.getAddress(), address.getPort()));
    }
    flood.repeat(talker, flood.messages, wire -> wire.send(PeerWire.INTERESTED));
    flood.repeat(asker, flood.requests, wire -> wire.request(0, 0, BLOCK_BYTES));
    return flood;
  }

  private void repeat(PeerWire wire, AtomicInteger count, Deed deed) {
    threads.add(
        Thread.ofPlatform()
            .daemon()
            .name("flood")
            .start(() -> {
              try {
                while (!closed && count.get() < MESSAGES_MAX) {
                  deed.on(wire);
                  count.incrementAndGet();
                }
              } catch (IOException e) {
                if (!closed) {
                  thrownOut.countDown();
                }
              }
            }));
  }

  /** Whether those who talk were closed by the other side within {@code limit}. */
  boolean isThrownOut(Duration limit) throws InterruptedException {
    return thrownOut.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** How much of each it came to. */
  String deeds() {
    return "%d connections, %d messages, %d requests"
        .formatted(CONNECTIONS, messages.get(), requests.get());
  }

  @Override
  public void close() throws IOException {
    closed = true;
    for (Closeable socket : open) {
      socket.close();
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while the flood ends", e);
      }
    }
  }
}
