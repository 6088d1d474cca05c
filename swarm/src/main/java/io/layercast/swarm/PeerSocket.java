package io.layercast.swarm;

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
import io.layercast.engine.net.SocketLoop;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A connection's socket, read and written by the stage itself on the {@link SocketLoop}; Akka's own
 * has an actor of its own between, which costs a wake-up for each read and write (ADR 26).
 *
 * <p>Out: what came, as it came, where it was read into: good until the next pull, so that nothing
 * is copied. Reads when pulled only: backpressure reaches the peer. In: what is to be sent, frames
 * by this thread and blocks by those of the disk ({@link BlockWriter}); pulls when all of it was
 * handed to the kernel, and its memory is free then. Completes when the peer has closed, or when
 * upstream has completed and the rest was sent ({@link #LINGER} at most); fails when it can not
 * connect, the connection breaks, or the peer takes next to nothing of what is to be sent for a
 * whole {@code send-timeout}. The socket and the connection's send memory are closed when the stage
 * stops.
 */
final class PeerSocket extends GraphStage<FlowShape<Outgoing, ByteBuffer>> {
  /** A peer that no longer reads may keep our last bytes waiting for so long. */
  private static final Duration LINGER = Duration.ofSeconds(5);

  private final SocketPlan plan;
  private final Inlet<Outgoing> in = Inlet.create("socket.in");
  private final Outlet<ByteBuffer> out = Outlet.create("socket.out");
  private final FlowShape<Outgoing, ByteBuffer> shape = FlowShape.of(in, out);

  PeerSocket(SocketPlan plan) {
    this.plan = plan;
  }

  @Override
  public FlowShape<Outgoing, ByteBuffer> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return new Logic();
  }

  private enum Deadline {
    CONNECT,
    SEND,
    LINGER
  }

  /** A step on the socket. */
  private interface Step {
    void run() throws IOException;
  }

  private final class Logic extends TimerGraphStageLogic {
    private final AsyncCallback<Integer> ready = createAsyncCallback(this::onReady);
    private final AsyncCallback<Boolean> sent =
        createAsyncCallback(isAll -> guard(() -> onSent(isAll)));
    private final AsyncCallback<Exception> broken = createAsyncCallback(this::failStage);
    private @Nullable SocketChannel channel;
    private @Nullable SelectionKey key;
    private @Nullable SocketLoop loop;
    private @Nullable PeerWire wire;
    private boolean agreed;
    private @Nullable ByteBuffer readBuffer;
    private ByteBuffer @Nullable [] frames;
    private @Nullable BlockWriter blocks;
    private boolean isAtDisk;

    private final SendDeadline deadline = new SendDeadline(plan.sendTimeout());

    /** By the kernel, when it was last told. */
    private long takenBytes;

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
              switch (grab(in)) {
                case Outgoing.Frames(ByteBuffer bytes) -> frames = new ByteBuffer[] {bytes};
                case Outgoing.Blocks next -> blocks = new BlockWriter(next, wire());
              }
              guard(Logic.this::send);
            }

            @Override
            public void onUpstreamFinish() {
              scheduleOnce(Deadline.LINGER, LINGER);
              endIfOver();
            }
          });
    }

    @Override
    public void preStart() {
      guard(() -> {
        SocketLoop here = SocketLoop.current();
        loop = here;
        SocketChannel socket = plan.accepted() == null ? SocketChannel.open() : plan.accepted();
        channel = socket;
        socket.configureBlocking(false);
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        key = here.watch(socket, ready::invoke);
        if (plan.target() == null) {
          onConnected();
        } else {
          connect(socket, plan.target());
        }
      });
    }

    private void connect(SocketChannel socket, SocketPlan.Target to) throws IOException {
      if (to.from().isPresent()) {
        socket.bind(to.from().get());
      }
      if (socket.connect(to.address())) {
        onConnected();
      } else {
        scheduleOnce(Deadline.CONNECT, to.timeout());
        await(SelectionKey.OP_CONNECT);
      }
    }

    private void onConnected() throws IOException {
      wire = plan.wire(socket());
      agree();
    }

    private void agree() throws IOException {
      int awaited = wire().agree();
      if (awaited != 0) {
        await(awaited);
        return;
      }
      agreed = true;
      pull(in);
      if (isAvailable(out)) {
        read();
      }
    }

    private void onReady(int operations) {
      guard(() -> {
        if ((operations & SelectionKey.OP_CONNECT) != 0) {
          if (socket().finishConnect()) {
            cancelTimer(Deadline.CONNECT);
            onConnected();
          }
          return;
        }
        if (!agreed) {
          agree();
          return;
        }
        if ((operations & SelectionKey.OP_WRITE) != 0) {
          send();
        }
        if ((operations & SelectionKey.OP_READ) != 0 && isAvailable(out)) {
          read();
        }
      });
    }

    private void read() throws IOException {
      if (!agreed) {
        return;
      }
      SocketLoop here = Objects.requireNonNull(loop);
      ByteBuffer bytes = readBuffer == null ? here.takeReadBuffer() : readBuffer.clear();
      readBuffer = bytes;
      int count = wire().read(bytes);
      if (count > 0) {
        push(out, bytes.flip().duplicate());
      } else if (count == 0) {
        readBuffer = null;
        here.giveReadBuffer(bytes);
        await(SelectionKey.OP_READ);
      } else {
        completeStage();
      }
    }

    private void send() throws IOException {
      BlockWriter now = blocks;
      if (now == null) {
        onSent(wire().write(Objects.requireNonNull(frames)));
      } else {
        isAtDisk = true;
        plan.disk().execute(() -> send(now));
      }
    }

    /** On the disk dispatcher. */
    private void send(BlockWriter now) {
      try {
        sent.invoke(now.write());
      } catch (IOException | RuntimeException e) {
        broken.invoke(e);
      }
    }

    private void onSent(boolean isAll) {
      isAtDisk = false;
      takenBytes = wire().takenBytes();
      if (!isAll) {
        await(SelectionKey.OP_WRITE);
        watchSending();
        return;
      }
      deadline.caughtUp();
      frames = null;
      if (blocks != null) {
        blocks.end();
        blocks = null;
      }
      if (isClosed(in)) {
        endIfOver();
      } else {
        pull(in);
      }
    }

    private boolean isSending() {
      return frames != null || blocks != null;
    }

    private void watchSending() {
      deadline.waits(System.nanoTime(), takenBytes);
      if (!isTimerActive(Deadline.SEND)) {
        scheduleOnce(Deadline.SEND, plan.sendTimeout());
      }
    }

    private void endIfTooSlow() {
      if (isAtDisk) { // what the kernel takes just now is not told yet
        deadline.begin(System.nanoTime(), takenBytes);
      }
      OptionalLong next = deadline.look(System.nanoTime(), takenBytes);
      if (next.isEmpty()) {
        return; // what has to wait next sets the timer again
      }
      if (next.getAsLong() == 0) {
        fail("the peer took next to nothing within " + plan.sendTimeout());
        return;
      }
      scheduleOnce(Deadline.SEND, Duration.ofNanos(next.getAsLong()));
    }

    private void await(int operation) {
      Objects.requireNonNull(key).interestOpsOr(operation);
    }

    private PeerWire wire() {
      return Objects.requireNonNull(wire);
    }

    private SocketChannel socket() {
      return Objects.requireNonNull(channel);
    }

    private void endIfOver() {
      if (isClosed(in) && !isSending()) {
        completeStage();
      }
    }

    private void guard(Step step) {
      try {
        step.run();
      } catch (IOException | RuntimeException e) {
        failStage(e);
      }
    }

    @Override
    public void onTimer(Object timer) {
      switch ((Deadline) timer) {
        case CONNECT ->
            fail("no connection within " + Objects.requireNonNull(plan.target()).timeout());
        case LINGER -> fail("the peer does not take our last bytes");
        case SEND -> endIfTooSlow();
      }
    }

    private void fail(String cause) {
      failStage(new IOException(cause));
    }

    @Override
    public void postStop() throws IOException {
      plan.memory()
          .close(); // what was read last is left to the collector: others may still look at it
      SocketChannel socket = plan.accepted() == null ? channel : plan.accepted();
      try (socket) {
        if (wire != null) {
          wire.close();
        }
      }
    }
  }
}
