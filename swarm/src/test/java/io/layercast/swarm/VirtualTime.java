package io.layercast.swarm;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;

/** A clock that jumps from one thing that is to be done to the next, and the chance beside it. */
final class VirtualTime {
  private record Due(long nanos, long order, Runnable task) {}

  private final PriorityQueue<Due> queue =
      new PriorityQueue<>(Comparator.comparingLong(Due::nanos).thenComparingLong(Due::order));
  private final Random random;
  private long orders;
  private long nowNanos;

  VirtualTime(long seed) {
    this.random = new Random(seed);
  }

  long now() {
    return nowNanos;
  }

  /** At least 0, below {@code nanos}. */
  long upTo(long nanos) {
    return random.nextLong(nanos);
  }

  int pick(int count) {
    return random.nextInt(count);
  }

  void after(long nanos, Runnable task) {
    queue.add(new Due(nowNanos + nanos, orders++, task));
  }

  /** Does the next thing; says whether there was one before that time. */
  boolean step(long untilNanos) {
    if (queue.isEmpty() || queue.element().nanos > untilNanos) {
      return false;
    }
    Due next = queue.remove();
    nowNanos = next.nanos;
    next.task.run();
    return true;
  }

  /** Where things come out in the order they went in, each after a delay of its own. */
  final class Way {
    private final long mostNanos;
    private long lastNanos;

    /**
     * @param mostNanos the delay is anything below it
     */
    Way(long mostNanos) {
      this.mostNanos = mostNanos;
    }

    void send(Runnable arrival) {
      send(0, arrival);
    }

    /**
     * @param nanos a delay beside the other
     */
    void send(long nanos, Runnable arrival) {
      lastNanos = Math.max(lastNanos, nowNanos + nanos + upTo(mostNanos));
      after(lastNanos - nowNanos, arrival);
    }
  }
}
