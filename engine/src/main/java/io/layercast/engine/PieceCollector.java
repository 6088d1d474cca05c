package io.layercast.engine;

import akka.stream.Attributes;
import akka.stream.FlowShape;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.stage.AbstractInOutHandler;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.stream.stage.TimerGraphStageLogic;
import akka.util.ByteString;
import akka.util.ByteString$;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stretch of a blob's bytes into pieces, each copied once into a pooled buffer. Emits a
 * piece when it is full; whoever receives it releases the buffer. Passes over pieces that are not
 * asked for and the rest of a piece that the stretch begins within. Backpressures while downstream
 * does or the pool is empty (it holds no buffer then, so nobody waits for each other). Completes at
 * {@code endPiece}, with upstream when that ends there too, so that its connection can be used
 * again; what brings more or does not end within a second is cancelled. An unfinished piece is
 * given up when upstream completes. Fails when more bytes come than the blob has.
 */
final class PieceCollector extends GraphStage<FlowShape<ByteString, PieceCollector.Filled>> {

  private static final Duration LINGER = Duration.ofSeconds(1);

  /** A whole piece, not verified yet; {@code bytes} belongs to {@code buffer}. */
  record Filled(int piece, ByteBuffer bytes, PieceBuffer buffer) {}

  private final PieceLayout layout;
  private final long from;
  private final int endPiece;
  private final IntPredicate skipped;
  private final PieceBuffers buffers;
  private final Inlet<ByteString> in = Inlet.create("PieceCollector.in");
  private final Outlet<Filled> out = Outlet.create("PieceCollector.out");
  private final FlowShape<ByteString, Filled> shape = FlowShape.of(in, out);

  /**
   * @param from offset of the first byte that comes
   * @param endPiece the piece after the last that is asked for
   * @param skipped asked as a piece begins
   */
  PieceCollector(
      PieceLayout layout, long from, int endPiece, IntPredicate skipped, PieceBuffers buffers) {
    this.layout = layout;
    this.from = from;
    this.endPiece = endPiece;
    this.skipped = skipped;
    this.buffers = buffers;
  }

  @Override
  public FlowShape<ByteString, Filled> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return new Logic();
  }

  private final class Logic extends TimerGraphStageLogic {
    private final WakeUp wake;
    private AutoCloseable freed = () -> {};
    private ByteString rest = ByteString$.MODULE$.empty();
    private long position = from;

    /** Bytes up to here are passed over. */
    private long skipTo;

    /** The last piece is out. */
    private boolean isOver;

    private @Nullable PieceBuffer buffer;
    private @Nullable ByteBuffer target;

    private Logic() {
      super(shape);
      wake =
          new WakeUp(
              createAsyncCallback(woken -> {
                woken.taken();
                advance();
              }));
      setHandlers(
          in,
          out,
          new AbstractInOutHandler() {
            @Override
            public void onPush() {
              rest = grab(in);
              if (isOver) {
                completeStage();
              } else if (position + rest.size() > layout.sizeBytes()) {
                failStage(new IOException("more bytes than the blob's " + layout.sizeBytes()));
              } else {
                advance();
              }
            }

            @Override
            public void onPull() {
              advance();
            }

            @Override
            public void onUpstreamFinish() {
              advance();
            }

            @Override
            public void onUpstreamFailure(Throwable failure) {
              if (isOver) {
                completeStage();
              } else {
                failStage(failure);
              }
            }
          });
    }

    @Override
    public void preStart() {
      freed = buffers.onFree(wake::ring);
      if (layout.sizeBytes() > 0 && position < layout.sizeBytes()) {
        int piece = layout.pieceAt(position);
        boolean isWithin = position > layout.offsetOf(piece);
        skipTo = isWithin ? layout.offsetOf(piece) + layout.lengthOf(piece) : position;
      }
    }

    @Override
    public void postStop() throws Exception {
      freed.close();
      if (buffer != null) {
        buffer.release();
      }
    }

    private void advance() {
      if (isOver) {
        if (isClosed(in)) {
          completeStage();
        }
        return;
      }
      while (emitFull() && take()) {}
      if (isOver || (buffer != null && target != null && !target.hasRemaining())) {
        return;
      }
      if (rest.isEmpty()) {
        if (isClosed(in)) {
          completeStage();
        } else if (!hasBeenPulled(in)) {
          pull(in);
        }
      }
    }

    /** Emits the piece if it is full; false when it is and downstream does not want it yet. */
    private boolean emitFull() {
      if (buffer == null || target == null || target.hasRemaining()) {
        return true;
      }
      if (!isAvailable(out)) {
        return false;
      }
      int piece = layout.pieceAt(position - 1);
      Filled filled = new Filled(piece, target.flip(), buffer);
      buffer = null;
      target = null;
      push(out, filled);
      if (piece + 1 == endPiece) {
        end();
        return false;
      }
      return true;
    }

    private void end() {
      isOver = true;
      if (isClosed(in) || !rest.isEmpty()) {
        completeStage();
      } else {
        scheduleOnce(LINGER, LINGER);
        if (!hasBeenPulled(in)) {
          pull(in);
        }
      }
    }

    @Override
    public void onTimer(Object key) {
      completeStage();
    }

    /** Takes one step with the bytes at hand; false when there are none or no buffer is free. */
    private boolean take() {
      if (rest.isEmpty()) {
        return false;
      }
      if (buffer == null && position >= skipTo) {
        int piece = layout.pieceAt(position);
        if (skipped.test(piece)) {
          skipTo = position + layout.lengthOf(piece);
        } else {
          Optional<PieceBuffer> taken = buffers.tryTake(layout.lengthOf(piece));
          if (taken.isEmpty()) {
            return false;
          }
          buffer = taken.get();
          target = buffer.bytes();
        }
      }
      int moved =
          target != null
              ? rest.copyToBuffer(target)
              : (int) Math.min(rest.size(), skipTo - position);
      rest = rest.drop(moved);
      position += moved;
      return true;
    }
  }
}
