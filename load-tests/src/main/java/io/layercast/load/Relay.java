package io.layercast.load;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands in for the way to a far origin: relays TCP connections, holds every chunk back for half a
 * round trip each way (a new connection for one whole, as a handshake would) and passes what comes
 * from the target through one {@link Link} for all connections. This kernel has no netem; direct
 * and accelerated pulls go through the same relay.
 *
 * <pre>
 *   client ◄── due-time queue ◄── link ◄── target      and      client ──► due-time queue ──► target
 * </pre>
 *
 * <p>A queue holds at most {@value #QUEUE_CHUNKS} chunks of 64 KiB: 4 MiB, four times what 100 MB/s
 * × 10 ms needs, and then stops reading, so TCP's own backpressure reaches the target.
 */
final class Relay implements Closeable {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int QUEUE_CHUNKS = 64;

  private final ServerSocketChannel server;
  private final InetSocketAddress target;
  private final Link link;
  private final AtomicLong bytesFromTarget = new AtomicLong();
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private volatile long oneWayNanos;
  private volatile boolean refusing;

  private Relay(ServerSocketChannel server, InetSocketAddress target, Link link) {
    this.server = server;
    this.target = target;
    this.link = link;
  }

  /**
   * @param target {@code host:port}
   */
  static Relay start(Workplace workplace, String target) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(Workplace.socketAddress(Workplace.freePort(workplace.ownAddress(), 5000)));
    Relay relay = new Relay(server, Workplace.socketAddress(target), new Link(0));
    Thread.ofPlatform().daemon().name("relay-accept").start(relay::accept);
    return workplace.closeLater(relay);
  }

  /** Holds from now on, for open connections too. */
  void shape(long bytesPerSecond, Duration roundTrip) {
    link.setRate(bytesPerSecond);
    oneWayNanos = roundTrip.toNanos() / 2;
  }

  /** {@code host:port} to connect to. */
  String address() throws IOException {
    InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
    return address.getHostString() + ":" + address.getPort();
  }

  /** What has been read from the target on all connections. */
  long bytesFromTarget() {
    return bytesFromTarget.get();
  }

  /** Cuts every connection that is open now; new ones are welcome. */
  void cut() {
    open.forEach(this::close);
  }

  /** While {@code refusing}, every connection is closed: the target is down. */
  void refuse(boolean refusing) {
    this.refusing = refusing;
    if (refusing) {
      cut();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        if (refusing) {
          close(client);
          continue;
        }
        Thread.ofVirtual().name("relay").start(() -> join(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void join(SocketChannel client) {
    open.add(client);
    try {
      LockSupport.parkNanos(2 * oneWayNanos);
      SocketChannel origin = SocketChannel.open(target);
      open.add(origin);
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      origin.setOption(StandardSocketOptions.TCP_NODELAY, true);
      Thread upstream = pump(client, origin, false);
      Thread downstream = pump(origin, client, true);
      upstream.join();
      downstream.join();
      close(origin);
    } catch (IOException e) {
      close(client); // the target is not there: so this is not either
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close(client);
    }
  }

  private record Chunk(ByteBuffer bytes, long dueNanos) {
    boolean isEnd() {
      return !bytes.hasRemaining();
    }

    long leftNanos() {
      return dueNanos - System.nanoTime();
    }
  }

  private Thread pump(SocketChannel from, SocketChannel to, boolean shaped) {
    BlockingQueue<Chunk> queue = new ArrayBlockingQueue<>(QUEUE_CHUNKS);
    BlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(QUEUE_CHUNKS + 2);
    Thread.ofPlatform().daemon().name("relay-read").start(() -> read(from, shaped, queue, free));
    return Thread.ofPlatform()
        .daemon()
        .name("relay-write")
        .start(() -> write(to, from, queue, free));
  }

  private void read(
      SocketChannel from,
      boolean shaped,
      BlockingQueue<Chunk> queue,
      BlockingQueue<ByteBuffer> free) {
    try {
      while (true) {
        ByteBuffer buffer = free.poll();
        if (buffer == null) {
          buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
        }
        int bytes = readOrEnd(from, buffer.clear());
        if (shaped && bytes > 0) {
          bytesFromTarget.addAndGet(bytes);
          link.pass(bytes);
        }
        queue.put(new Chunk(buffer.flip(), System.nanoTime() + oneWayNanos));
        if (bytes < 0) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int readOrEnd(SocketChannel from, ByteBuffer buffer) {
    try {
      return from.read(buffer);
    } catch (IOException e) {
      return -1; // a reset ends the stream as a close does
    }
  }

  private void write(
      SocketChannel to,
      SocketChannel from,
      BlockingQueue<Chunk> queue,
      BlockingQueue<ByteBuffer> free) {
    try {
      for (Chunk chunk = queue.take(); !chunk.isEnd(); chunk = queue.take()) {
        for (long left = chunk.leftNanos(); left > 0; left = chunk.leftNanos()) {
          LockSupport.parkNanos(left);
        }
        send(chunk.bytes(), to, from);
        free.offer(chunk.bytes());
      }
      to.shutdownOutput();
    } catch (IOException e) {
      close(to);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A receiver that is gone ends the sender too; what it still sends is read and dropped. */
  private void send(ByteBuffer bytes, SocketChannel to, SocketChannel from) {
    try {
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
    } catch (IOException e) {
      close(to);
      close(from);
    }
  }

  private void close(SocketChannel channel) {
    open.remove(channel);
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("tried to close a relayed connection", e);
    }
  }
}
