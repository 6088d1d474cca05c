package io.layercast.engine.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that runs the streams of a port's connections and waits for their sockets while there
 * is nothing to run: so that a socket that is ready and the stage that reads it need no thread to
 * wake another. The executor of {@code layercast.swarm.peer-dispatcher}, where the swarms' actors
 * run too, and of {@code layercast.registry.front-dispatcher}.
 */
public final class SocketLoop extends AbstractExecutorService {
  private static final Logger LOG = LoggerFactory.getLogger(SocketLoop.class);
  private static final ThreadLocal<SocketLoop> CURRENT = new ThreadLocal<>();

  /** Sockets are looked at after so many tasks, though more wait. */
  private static final int TASKS_A_TURN = 64;

  /** What one read takes at most: a block, so that what is read stays in the processor's cache. */
  private static final int READ_BYTES = 128 * 1024;

  /** Idle read buffers that are kept, 2 MiB. */
  private static final int READ_BUFFERS_KEPT = 16;

  private final Selector selector;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean isAwake = new AtomicBoolean(true);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Deque<ByteBuffer> readBuffers = new ArrayDeque<>();
  private final Thread thread;
  private volatile boolean shutdown;

  @SuppressWarnings("ThreadStart") // an executor's thread begins with it
  SocketLoop(ThreadFactory threads) {
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException("tried to open a selector, but failed", e);
    }
    thread = threads.newThread(this::run);
    thread.start();
  }

  /**
   * The loop whose thread this is.
   *
   * @throws IllegalStateException on any other thread
   */
  public static SocketLoop current() {
    SocketLoop loop = CURRENT.get();
    if (loop == null) {
      throw new IllegalStateException("not on a socket loop: " + Thread.currentThread());
    }
    return loop;
  }

  /** Direct memory to read a socket into. On this loop's thread only. */
  public ByteBuffer takeReadBuffer() {
    ByteBuffer buffer = readBuffers.poll();
    return buffer == null ? ByteBuffer.allocateDirect(READ_BYTES) : buffer.clear();
  }

  /** Gives such memory back that nobody looks at any more. On this loop's thread only. */
  public void giveReadBuffer(ByteBuffer buffer) {
    if (readBuffers.size() < READ_BUFFERS_KEPT) {
      readBuffers.push(buffer);
    }
  }

  /**
   * Has {@code ready} told of what a channel that does not block can do, each time the key is asked
   * to by its interest, which is then taken back. On this loop's thread only.
   */
  public SelectionKey watch(SocketChannel channel, IntConsumer ready) throws IOException {
    return channel.register(selector, 0, ready);
  }

  /**
   * Has a key's watcher told when these can be done. On any thread; on the loop's own {@link
   * SelectionKey#interestOpsOr} is enough.
   */
  public void await(SelectionKey key, int operations) {
    key.interestOpsOr(operations);
    wake();
  }

  /**
   * Closes a watched channel, on any thread. The other end hears of it from the selector, which is
   * what lets go of the socket: without a turn of the loop it might wait for long.
   */
  public void close(SocketChannel channel) throws IOException {
    try {
      channel.close();
    } finally {
      wake();
    }
  }

  private void wake() {
    if (Thread.currentThread() != thread && isAwake.compareAndSet(false, true)) {
      selector.wakeup();
    }
  }

  @Override
  public void execute(Runnable task) {
    boolean isRefused = shutdown;
    if (!isRefused) {
      tasks.add(task);
      wake();
      isRefused = shutdown && tasks.remove(task);
    }
    if (isRefused) {
      throw new RejectedExecutionException("the socket loop has ended");
    }
  }

  private void run() {
    CURRENT.set(this);
    try {
      while (!shutdown || !tasks.isEmpty()) {
        turn();
      }
    } catch (IOException e) {
      LOG.error("tried to wait for sockets, but failed", e);
    } finally {
      shutdown = true;
      CURRENT.remove();
      closeAll();
      ended.countDown();
    }
  }

  private void turn() throws IOException {
    for (int i = 0; i < TASKS_A_TURN; i++) {
      Runnable task = tasks.poll();
      if (task == null) {
        break;
      }
      runOne(task);
    }
    isAwake.set(false);
    if (tasks.isEmpty() && !shutdown) {
      selector.select(SocketLoop::tell);
    } else {
      selector.selectNow(SocketLoop::tell);
    }
    isAwake.set(true);
  }

  private static void runOne(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) { // a mailbox deals with its own; the others must go on
      LOG.error("a task of a socket loop failed", e);
    }
  }

  private static void tell(SelectionKey key) {
    int ready;
    try {
      ready = key.readyOps();
      key.interestOpsAnd(~ready);
    } catch (CancelledKeyException _) {
      return; // closed by another thread just now: nobody is to be told
    }
    runOne(() -> ((IntConsumer) key.attachment()).accept(ready));
  }

  private void closeAll() {
    try {
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
    } catch (IOException e) {
      LOG.warn("tried to close the sockets of a port, but failed", e);
    }
  }

  @Override
  public void shutdown() {
    shutdown = true;
    selector.wakeup();
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown();
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return ended.getCount() == 0;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return ended.await(timeout, unit);
  }
}
