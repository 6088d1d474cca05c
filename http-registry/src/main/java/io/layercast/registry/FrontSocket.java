package io.layercast.registry;

import akka.stream.Attributes;
import akka.stream.FlowShape;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.stage.AbstractInHandler;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.AsyncCallback;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.stream.stage.TimerGraphStageLogic;
import akka.util.ByteString;
import io.layercast.engine.DirectRuns;
import io.layercast.engine.StandIn;
import io.layercast.engine.net.SocketLoop;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection: read and written by the stage itself on the {@link SocketLoop}, but for
 * blobs, which a disk thread sends from their files when a stand-in for them comes ({@link
 * DirectRuns}).
 *
 * <p>Out: what the client sends, read when pulled. In: pulled when all of the element before was
 * handed to the kernel. Completes when upstream has and all is sent, when the client has closed,
 * and with a reset of the connection when upstream fails, when the connection breaks, and when no
 * byte moves either way for the idle time.
 */
final class FrontSocket extends GraphStage<FlowShape<ByteString, ByteString>> {
  private static final Logger LOG = LoggerFactory.getLogger(FrontSocket.class);
  private static final int WRITE_BYTES = 256 * 1024;

  private final SocketChannel accepted;
  private final DirectRuns runs;
  private final Executor disk;
  private final Duration idleTimeout;
  private final Runnable onEnd;
  private final Inlet<ByteString> in = Inlet.create("FrontSocket.in");
  private final Outlet<ByteString> out = Outlet.create("FrontSocket.out");
  private final FlowShape<ByteString, ByteString> shape = FlowShape.of(in, out);

  /**
   * @param accepted belongs to the stage from now on
   * @param disk where blobs are sent from
   * @param onEnd called once the connection is closed
   */
  FrontSocket(
      SocketChannel accepted,
      DirectRuns runs,
      Executor disk,
      Duration idleTimeout,
      Runnable onEnd) {
    this.accepted = accepted;
    this.runs = runs;
    this.disk = disk;
    this.idleTimeout = idleTimeout;
    this.onEnd = onEnd;
  }

  @Override
  public FlowShape<ByteString, ByteString> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return new Logic();
  }

  /** A step on the socket. */
  private interface Step {
    void run() throws IOException;
  }

  private final class Logic extends TimerGraphStageLogic {
    private final AsyncCallback<Integer> ready = createAsyncCallback(this::onReady);
    private final AsyncCallback<StandIn> sent = createAsyncCallback(_ -> onSent());
    private final AsyncCallback<Exception> broken = createAsyncCallback(this::reset);
    private @Nullable SocketLoop loop;
    private @Nullable SelectionKey key;
    private @Nullable ByteString bytes;
    private volatile @Nullable StandIn blob;
    private volatile long movedNanos = System.nanoTime();

    Logic() {
      super(shape);
      setHandler(
          out,
          new AbstractOutHandler() {
            @Override
            public void onPull() {
              guard(Logic.this::read);
            }

            @Override
            public void onDownstreamFinish(Throwable cause) {
              endIfOver(); // what is still to be sent goes out
            }
          });
      setHandler(
          in,
          new AbstractInHandler() {
            @Override
            public void onPush() {
              guard(() -> begin(grab(in)));
            }

            @Override
            public void onUpstreamFinish() {
              endIfOver();
            }

            @Override
            public void onUpstreamFailure(Throwable cause) {
              reset(cause);
            }
          });
    }

    @Override
    public void preStart() {
      guard(() -> {
        accepted.configureBlocking(false);
        accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
        loop = SocketLoop.current();
        key = loop.watch(accepted, this::tell);
        Duration tick = idleTimeout.dividedBy(4);
        scheduleWithFixedDelay("idle", tick, tick);
        pull(in);
      });
    }

    /** On the loop's thread, but not the stage: a blob goes on without it. */
    private void tell(int operations) {
      StandIn now = blob;
      int others = operations;
      if (now != null && (operations & SelectionKey.OP_WRITE) != 0) {
        disk.execute(() -> send(now));
        others &= ~SelectionKey.OP_WRITE;
      }
      if (others != 0) {
        ready.invoke(others);
      }
    }

    private void onReady(int operations) {
      guard(() -> {
        if ((operations & SelectionKey.OP_WRITE) != 0 && bytes != null) {
          write();
        }
        if ((operations & SelectionKey.OP_READ) != 0 && isAvailable(out)) {
          read();
        }
      });
    }

    private void read() throws IOException {
      ByteBuffer buffer = loop().takeReadBuffer();
      try {
        int count = accepted.read(buffer);
        if (count > 0) {
          movedNanos = System.nanoTime();
          push(out, ByteString.fromByteBuffer(buffer.flip()));
        } else if (count == 0) {
          await(SelectionKey.OP_READ);
        } else {
          complete(out); // what it has asked for is still answered
          endIfOver();
        }
      } finally {
        loop().giveReadBuffer(buffer);
      }
    }

    private void begin(ByteString element) throws IOException {
      Optional<StandIn> claimed = runs.claim(element);
      if (claimed.isPresent()) {
        StandIn now = claimed.get();
        blob = now;
        disk.execute(() -> send(now));
      } else {
        bytes = element;
        write();
      }
    }

    private void write() throws IOException {
      while (bytes != null) {
        movedNanos = System.nanoTime();
        // No more than that at a time: the JDK copies all it is given, taken or not.
        ByteString some = bytes.take(WRITE_BYTES);
        int taken = (int) accepted.write(buffersOf(some));
        if (taken < some.size()) {
          bytes = bytes.drop(taken);
          await(SelectionKey.OP_WRITE);
          return;
        }
        bytes = taken < bytes.size() ? bytes.drop(taken) : null;
      }
      onSent();
    }

    /** On the disk dispatcher. */
    private void send(StandIn now) {
      try {
        movedNanos = System.nanoTime();
        switch (now.send(accepted, () -> disk.execute(() -> send(now)))) {
          case ALL -> sent.invoke(now);
          case FULL -> await(SelectionKey.OP_WRITE);
          case WAITS -> {}
        }
      } catch (IOException | RuntimeException e) {
        broken.invoke(e);
      }
    }

    private void onSent() {
      blob = null;
      if (isClosed(in)) {
        endIfOver();
      } else {
        pull(in);
      }
    }

    private void await(int operation) {
      loop().await(Objects.requireNonNull(key), operation);
    }

    private SocketLoop loop() {
      return Objects.requireNonNull(loop);
    }

    private void endIfOver() {
      if (isClosed(in) && bytes == null && blob == null) {
        completeStage();
      }
    }

    private void guard(Step step) {
      try {
        step.run();
      } catch (IOException | RuntimeException e) {
        reset(e);
      }
    }

    @Override
    public void onTimer(Object timer) {
      if (System.nanoTime() - movedNanos >= idleTimeout.toNanos()) {
        reset(new IOException("no byte moved for " + idleTimeout));
      }
    }

    /** A client must not take what it got for all there is. */
    private void reset(Throwable cause) {
      LOG.debug("ending the connection of {}", accepted, cause);
      try {
        accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (IOException e) { // it has broken already
        LOG.debug("it can not be reset", e);
      }
      completeStage();
    }

    @Override
    public void postStop() {
      if (blob == null) {
        close();
      } else {
        disk.execute(this::close); // which waits for what is being sent
      }
    }

    private void close() {
      try {
        if (loop == null) {
          accepted.close();
        } else {
          loop.close(accepted);
        }
      } catch (IOException e) {
        LOG.debug("tried to close {}, but failed", accepted, e);
      } finally {
        onEnd.run();
      }
    }
  }

  private static ByteBuffer[] buffersOf(ByteString bytes) {
    return StreamSupport.stream(bytes.getByteBuffers().spliterator(), false)
        .toArray(ByteBuffer[]::new);
  }
}
