package io.layercast.engine.rate;

import akka.NotUsed;
import akka.actor.ClassicActorSystemProvider;
import akka.stream.javadsl.Flow;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes a second may pass through all stages of {@link #limit} together: one for a node
 * and direction. Thread-safe.
 *
 * <p>Elements of all stages wait in one FIFO and none overtakes, so {@code n} connections with
 * equal elements and demand get an {@code n}th each. Those that nobody waits for stand in a FIFO of
 * their own behind it ({@link WaitingLine}). While somebody waits, an alarm every 5 ms lets through
 * what the {@link TokenBucket} allows; otherwise nothing ticks. Without a limit an element costs
 * one volatile read and one striped addition.
 */
public final class RateLimiter {
  /** A quarter of the burst, so that a late alarm loses nothing of the rate. */
  private static final long TICK_NANOS = 5_000_000;

  /** Calls back after a while, on some thread. */
  interface Alarm {
    Cancellable after(long nanos, Runnable task);

    /** An alarm that was set. */
    interface Cancellable {
      void cancel();
    }
  }

  /** An element that waits. Identity counts. */
  static final class Waiter {
    private final int bytes;
    private final boolean isAwaited;
    private final Runnable onPass;

    /**
     * @param isAwaited whether somebody waits for it, so that it goes first
     * @param onPass called once, on any thread, when the element may pass
     * @throws IllegalArgumentException when {@code bytes} is negative
     */
    Waiter(int bytes, boolean isAwaited, Runnable onPass) {
      if (bytes < 0) {
        throw new IllegalArgumentException("an element of " + bytes + " bytes");
      }
      this.bytes = bytes;
      this.isAwaited = isAwaited;
      this.onPass = onPass;
    }
  }

  private final LongSupplier nanoTime;
  private final Alarm alarm;
  private final LongAdder passedBytes = new LongAdder();
  private final Object lock = new Object();
  private final WaitingLine<Waiter> waiting = new WaitingLine<>(); // guarded by lock

  /** Null without a limit. */
  private @Nullable TokenBucket bucket;

  private Alarm.@Nullable Cancellable nextTick;

  /** 0 without a limit; written under the lock. */
  private volatile long bytesPerSecond;

  RateLimiter(long bytesPerSecond, LongSupplier nanoTime, Alarm alarm) {
    this.nanoTime = nanoTime;
    this.alarm = alarm;
    setRate(bytesPerSecond);
  }

  /**
   * A limiter whose alarms end with {@code system}.
   *
   * @param bytesPerSecond 0 = unlimited
   * @throws IllegalArgumentException when the rate is negative or above 100 GB/s
   */
  public static RateLimiter create(long bytesPerSecond, ClassicActorSystemProvider system) {
    return new RateLimiter(bytesPerSecond, System::nanoTime, Ticker.of(system));
  }

  /**
   * Changes the rate at once, for those who wait too; nothing is dropped.
   *
   * @param newBytesPerSecond 0 = unlimited
   * @throws IllegalArgumentException when the rate is negative or above 100 GB/s
   */
  public void setRate(long newBytesPerSecond) {
    checkRate(newBytesPerSecond);
    synchronized (lock) {
      if (newBytesPerSecond == 0) {
        bucket = null;
      } else if (bucket == null) {
        bucket = new TokenBucket(newBytesPerSecond, nanoTime.getAsLong());
      } else {
        bucket.setRate(newBytesPerSecond, nanoTime.getAsLong());
      }
      bytesPerSecond = newBytesPerSecond;
    }
    tick();
  }

  /**
   * Says whether a limiter can have this rate.
   *
   * @throws IllegalArgumentException when it is negative or above 100 GB/s
   */
  public static void checkRate(long bytesPerSecond) {
    if (bytesPerSecond < 0 || bytesPerSecond > TokenBucket.MAX_BYTES_PER_SECOND) {
      throw new IllegalArgumentException(
          "a rate of %d bytes a second is not between 0 and 100 GB/s".formatted(bytesPerSecond));
    }
  }

  /** Bytes a second; 0 = unlimited. */
  public long rate() {
    return bytesPerSecond;
  }

  /** Bytes that have passed since creation. */
  public long passedBytes() {
    return passedBytes.sum();
  }

  /** Whether more wait than one, so that more demand would only wait too; the others aside. */
  public boolean isSaturated() {
    if (bytesPerSecond == 0) {
      return false;
    }
    synchronized (lock) {
      return waiting.awaitedSize() > 1;
    }
  }

  /** How many elements wait now. */
  int waiting() {
    synchronized (lock) {
      return waiting.size();
    }
  }

  /**
   * A stage that lets elements pass at this limiter's rate, in order.
   *
   * <p>Emits when its element's turn has come; elements of 0 bytes (control messages) pass at once.
   * Backpressures while its element waits or downstream does. Completes when upstream does and the
   * element that waits has passed. Fails when upstream does (the element that waits is then
   * dropped) or {@code bytesOf} throws or is negative. However it stops, its place in the queue is
   * given up.
   *
   * @param bytesOf what an element counts for, 0 or more
   */
  public <T> Flow<T, T, NotUsed> limit(ToIntFunction<T> bytesOf) {
    return limit(bytesOf, () -> true);
  }

  /**
   * As {@link #limit(ToIntFunction)}, for a stage whose elements nobody may be waiting for.
   *
   * @param isAwaited asked on the stage's thread for each element
   */
  public <T> Flow<T, T, NotUsed> limit(ToIntFunction<T> bytesOf, BooleanSupplier isAwaited) {
    return Flow.fromGraph(new LimitStage<>(this, bytesOf, isAwaited));
  }

  /** Whether {@code waiter} may pass at once; else it waits and is told. */
  boolean passOrWait(Waiter waiter) {
    if (bytesPerSecond == 0) {
      passedBytes.add(waiter.bytes);
      return true;
    }
    synchronized (lock) {
      if (bucket == null || (waiting.isEmpty() && bucket.isOpen(nanoTime.getAsLong()))) {
        pay(waiter);
        return true;
      }
      waiting.add(waiter, waiter.isAwaited);
      setAlarm();
      return false;
    }
  }

  /** {@code waiter}'s element will not pass: takes it from the queue, or takes its bytes back. */
  void giveUp(Waiter waiter) {
    synchronized (lock) {
      if (!waiting.remove(waiter)) {
        passedBytes.add(-waiter.bytes);
        if (bucket != null) {
          bucket.giveBack(waiter.bytes);
        }
      }
    }
  }

  private void tick() {
    List<Waiter> passing = new ArrayList<>();
    synchronized (lock) {
      if (nextTick != null) {
        nextTick.cancel(); // a change of the rate comes before its time
        nextTick = null;
      }
      while (!waiting.isEmpty() && (bucket == null || bucket.isOpen(nanoTime.getAsLong()))) {
        Waiter first = waiting.next();
        pay(first);
        passing.add(first);
      }
      setAlarm();
    }
    passing.forEach(waiter -> waiter.onPass.run());
  }

  private void pay(Waiter waiter) {
    if (bucket != null) {
      bucket.take(waiter.bytes);
    }
    passedBytes.add(waiter.bytes);
  }

  /** At the next tick, or, where the debt takes longer, when it is paid. */
  private void setAlarm() {
    if (nextTick == null && bucket != null && !waiting.isEmpty()) {
      long debtNanos = bucket.nanosUntilOpen(nanoTime.getAsLong());
      nextTick = alarm.after(Math.max(TICK_NANOS, debtNanos), this::tick);
    }
  }
}
