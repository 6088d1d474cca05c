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
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection's socket, read and written by the stage itself on the {@link PeerLoop}; Akka's own
 * has an actor of its own between, which costs a wake-up for each read and write (ADR 26).
 *
 * <p>Out: what came, as it came, where it was read into: good until the next pull, so that nothing
 * is copied. Reads when pulled only: backpressure reaches the peer. In: what is to be sent; pulls
 * when all of it was handed to the kernel, and its memory is free then. Completes when the peer has
 * closed, or when upstream has completed and the rest was sent ({@link #LINGER} at most); fails
 * when it can not connect, the connection breaks, or the peer takes nothing of what is to be sent
 * for a whole {@code send-timeout}. The socket and the connection's send memory are closed when the
 * stage stops.
 */
final class PeerSocket extends GraphStage<FlowShape<Outgoing, ByteBuffer>> {
  /** A peer that no longer reads may keep our last bytes waiting for so long. */
  private static final Duration LINGER = Duration.ofSeconds(5);

  /** Where to connect to. */
  private record Target(
      InetSocketAddress address, Optional<InetSocketAddress> from, Duration timeout) {}

  private final @Nullable SocketChannel accepted;
  private final @Nullable Target target;
  private final SendMemory memory;
  private final Duration sendTimeout;
  private final Inlet<Outgoing> in = Inlet.create("socket.in");
  private final Outlet<ByteBuffer> out = Outlet.create("socket.out");
  private final FlowShape<Outgoing, ByteBuffer> shape = FlowShape.of(in, out);

  private PeerSocket(
      @Nullable SocketChannel accepted,
      @Nullable Target target,
      SendMemory memory,
      Duration sendTimeout) {
    this.accepted = accepted;
    this.target = target;
    this.memory = memory;
    this.sendTimeout = sendTimeout;
  }

  /** A connection that somebody else began; belongs to the stage from now on. */
  static PeerSocket accepted(
      SocketChannel channel, SendMemory memory, SwarmSettings.Deadlines deadlines) {
    return new PeerSocket(channel, null, memory, deadlines.send());
  }

  /**
   * A connection that the stage begins.
   *
   * @param from the local address, if it matters
   */
  static PeerSocket dial(
      InetSocketAddress address,
      Optional<InetSocketAddress> from,
      SendMemory memory,
      SwarmSettings.Deadlines deadlines) {
    Target target = new Target(address, from, deadlines.connect());
    return new PeerSocket(null, target, memory, deadlines.send());
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
    private @Nullable SocketChannel channel;
    private @Nullable SelectionKey key;
    private @Nullable PeerLoop loop;
    private boolean connected;
    private @Nullable ByteBuffer readBuffer;
    private @Nullable Outgoing sending;
    private ByteBuffer[] unsent = {};
    private boolean isTaken;

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
              Outgoing next = grab(in);
              sending = next;
              unsent = next.bytes().toArray(ByteBuffer[]::new);
              guard(Logic.this::write);
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
        PeerLoop here = PeerLoop.current();
        loop = here;
        SocketChannel socket = accepted != null ? accepted : SocketChannel.open();
        channel = socket;
        socket.configureBlocking(false);
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        key = here.watch(socket, ready::invoke);
        if (target == null) {
          onConnected();
        } else {
          connect(socket, target);
        }
      });
    }

    private void connect(SocketChannel socket, Target to) throws IOException {
      if (to.from.isPresent()) {
        socket.bind(to.from.get());
      }
      if (socket.connect(to.address)) {
        onConnected();
      } else {
        scheduleOnce(Deadline.CONNECT, to.timeout);
        await(SelectionKey.OP_CONNECT);
      }
    }

    private void onConnected() throws IOException {
      connected = true;
      pull(in);
      if (isAvailable(out)) {
        read();
      }
    }

    private void onReady(int operations) {
      guard(() -> {
        if ((operations & SelectionKey.OP_CONNECT) != 0 && socket().finishConnect()) {
          cancelTimer(Deadline.CONNECT);
          onConnected();
        }
        if ((operations & SelectionKey.OP_WRITE) != 0) {
          write();
        }
        if ((operations & SelectionKey.OP_READ) != 0 && isAvailable(out)) {
          read();
        }
      });
    }

    private void read() throws IOException {
      if (!connected) {
        return;
      }
      PeerLoop here = Objects.requireNonNull(loop);
      ByteBuffer bytes = readBuffer == null ? here.takeReadBuffer() : readBuffer.clear();
      readBuffer = bytes;
      int count = socket().read(bytes);
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

    private void write() throws IOException {
      Outgoing now = sending;
      if (now != null) {
        isTaken |= socket().write(unsent) > 0;
        if (unsent[unsent.length - 1].hasRemaining()) {
          await(SelectionKey.OP_WRITE);
          watchSending();
          return;
        }
        sending = null;
        now.spent().forEach(SendMemory.Block::free);
      }
      if (isClosed(in)) {
        endIfOver();
      } else if (!hasBeenPulled(in)) {
        pull(in);
      }
    }

    private void watchSending() {
      if (!isTimerActive(Deadline.SEND)) {
        isTaken = false;
        scheduleOnce(Deadline.SEND, sendTimeout);
      }
    }

    private void await(int operation) {
      Objects.requireNonNull(key).interestOpsOr(operation);
    }

    private SocketChannel socket() {
      return Objects.requireNonNull(channel);
    }

    private void endIfOver() {
      if (isClosed(in) && sending == null) {
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
        case CONNECT -> fail("no connection within " + Objects.requireNonNull(target).timeout);
        case LINGER -> fail("the peer does not take our last bytes");
        case SEND -> {
          if (sending != null && !isTaken) {
            fail("the peer took nothing for " + sendTimeout);
          } else if (sending != null) {
            watchSending();
          }
        }
      }
    }

    private void fail(String cause) {
      failStage(new IOException(cause));
    }

    @Override
    public void postStop() throws IOException {
      memory.close(); // what was read last is left to the collector: others may still look at it
      SocketChannel socket = accepted != null ? accepted : channel;
      if (socket != null) {
        socket.close();
      }
    }
  }
}
