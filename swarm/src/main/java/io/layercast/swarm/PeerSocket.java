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
import akka.util.ByteString;
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
 * <p>Out: what came, as it came, at most {@link PeerLoop#TRANSFER_BYTES} each; reads when pulled
 * only, so backpressure reaches the peer. In: what is to be sent; pulls when all of it was handed
 * to the kernel. Completes when the peer has closed, or when upstream has completed and the rest
 * was sent ({@link #LINGER} at most); fails when it can not connect or the connection breaks. The
 * socket is closed when the stage stops.
 */
final class PeerSocket extends GraphStage<FlowShape<ByteString, ByteString>> {
  /** A peer that no longer reads may keep our last bytes waiting for so long. */
  private static final Duration LINGER = Duration.ofSeconds(5);

  /** Where to connect to. */
  private record Target(
      InetSocketAddress address, Optional<InetSocketAddress> from, Duration timeout) {}

  private final @Nullable SocketChannel accepted;
  private final @Nullable Target target;
  private final Inlet<ByteString> in = Inlet.create("socket.in");
  private final Outlet<ByteString> out = Outlet.create("socket.out");
  private final FlowShape<ByteString, ByteString> shape = FlowShape.of(in, out);

  private PeerSocket(@Nullable SocketChannel accepted, @Nullable Target target) {
    this.accepted = accepted;
    this.target = target;
  }

  /** A connection that somebody else began; belongs to the stage from now on. */
  static PeerSocket accepted(SocketChannel channel) {
    return new PeerSocket(channel, null);
  }

  /**
   * A connection that the stage begins.
   *
   * @param from the local address, if it matters
   */
  static PeerSocket dial(
      InetSocketAddress address, Optional<InetSocketAddress> from, Duration timeout) {
    return new PeerSocket(null, new Target(address, from, timeout));
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
    private @Nullable SocketChannel channel;
    private @Nullable SelectionKey key;
    private @Nullable PeerLoop loop;
    private boolean connected;
    private ByteString unsent = ByteString.emptyByteString();

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
              unsent = grab(in);
              guard(Logic.this::write);
            }

            @Override
            public void onUpstreamFinish() {
              scheduleOnce("linger", LINGER);
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
        scheduleOnce("connect", to.timeout);
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
          cancelTimer("connect");
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
      ByteBuffer bytes = Objects.requireNonNull(loop).transfer();
      int count = socket().read(bytes);
      if (count > 0) {
        push(out, ByteString.fromByteBuffer(bytes.flip()));
      } else if (count == 0) {
        await(SelectionKey.OP_READ);
      } else {
        completeStage();
      }
    }

    private void write() throws IOException {
      ByteBuffer bytes = Objects.requireNonNull(loop).transfer();
      while (!unsent.isEmpty()) {
        int copied = unsent.copyToBuffer(bytes.clear());
        int sent = socket().write(bytes.flip());
        unsent = unsent.drop(sent);
        if (sent < copied) {
          await(SelectionKey.OP_WRITE);
          return;
        }
      }
      if (isClosed(in)) {
        endIfOver();
      } else if (!hasBeenPulled(in)) {
        pull(in);
      }
    }

    private void await(int operation) {
      Objects.requireNonNull(key).interestOpsOr(operation);
    }

    private SocketChannel socket() {
      return Objects.requireNonNull(channel);
    }

    private void endIfOver() {
      if (isClosed(in) && unsent.isEmpty()) {
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
      failStage(
          new IOException(
              timer.equals("connect")
                  ? "no connection within " + Objects.requireNonNull(target).timeout
                  : "the peer does not take our last bytes"));
    }

    @Override
    public void postStop() throws IOException {
      SocketChannel socket = accepted != null ? accepted : channel;
      if (socket != null) {
        socket.close();
      }
    }
  }
}
