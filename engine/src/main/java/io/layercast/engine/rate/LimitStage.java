package io.layercast.engine.rate;

import akka.NotUsed;
import akka.stream.Attributes;
import akka.stream.FlowShape;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.stage.AbstractInHandler;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.AsyncCallback;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import io.layercast.engine.rate.RateLimiter.Waiter;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The stage of {@link RateLimiter#limit}, which says how it behaves. */
final class LimitStage<T> extends GraphStage<FlowShape<T, T>> {
  private final RateLimiter limiter;
  private final ToIntFunction<T> bytesOf;
  private final BooleanSupplier isAwaited;
  private final Inlet<T> in = Inlet.create("limit.in");
  private final Outlet<T> out = Outlet.create("limit.out");
  private final FlowShape<T, T> shape = FlowShape.of(in, out);

  LimitStage(RateLimiter limiter, ToIntFunction<T> bytesOf, BooleanSupplier isAwaited) {
    this.limiter = limiter;
    this.bytesOf = bytesOf;
    this.isAwaited = isAwaited;
  }

  @Override
  public FlowShape<T, T> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes attributes) {
    return new Logic();
  }

  private final class Logic extends GraphStageLogic {
    private final AsyncCallback<NotUsed> myTurn = createAsyncCallback(_ -> emitHeld());

    /** The element that waits for its turn, and its place in the queue; both or none. */
    private @Nullable T held;

    private @Nullable Waiter waiter;

    Logic() {
      super(shape);
      setHandler(
          in,
          new AbstractInHandler() {
            @Override
            public void onPush() {
              offer(grab(in));
            }

            @Override
            public void onUpstreamFinish() {
              if (held == null) {
                completeStage();
              }
            }
          });
      setHandler(
          out,
          new AbstractOutHandler() {
            @Override
            public void onPull() {
              pull(in);
            }
          });
    }

    private void offer(T element) {
      int bytes = bytesOf.applyAsInt(element);
      Waiter own =
          new Waiter(bytes, isAwaited.getAsBoolean(), () -> myTurn.invoke(NotUsed.getInstance()));
      if (bytes == 0 || limiter.passOrWait(own)) {
        push(out, element);
      } else {
        held = element;
        waiter = own;
      }
    }

    private void emitHeld() {
      push(out, Objects.requireNonNull(held));
      held = null;
      waiter = null;
      if (isClosed(in)) {
        completeStage();
      }
    }

    @Override
    public void postStop() {
      if (waiter != null) {
        limiter.giveUp(waiter);
      }
    }
  }
}
