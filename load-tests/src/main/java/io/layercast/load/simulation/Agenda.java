package io.layercast.load.simulation;

import java.util.Arrays;

/**
 * What happens when, in virtual nanoseconds: a heap with four children a node, in arrays. What is
 * due at the same instant happens in the order in which it was put down.
 */
final class Agenda {
  /** Something that is due. */
  @FunctionalInterface
  interface Event {
    void happen();
  }

  private static final int CHILDREN = 4;

  private long[] times = new long[1 << 16];
  private long[] orders = new long[1 << 16];
  private Event[] events = new Event[1 << 16];
  private int size;
  private long order;
  private long now;

  /** Nanoseconds since the beginning. */
  long now() {
    return now;
  }

  /** How many events have been put down so far. */
  long count() {
    return order;
  }

  void after(long nanos, Event event) {
    at(now + nanos, event);
  }

  void at(long timeNanos, Event event) {
    if (size == times.length) {
      times = Arrays.copyOf(times, size * 2);
      orders = Arrays.copyOf(orders, size * 2);
      events = Arrays.copyOf(events, size * 2);
    }
    long time = Math.max(timeNanos, now);
    long own = order++;
    int hole = size++;
    while (hole > 0) {
      int parent = (hole - 1) / CHILDREN;
      if (times[parent] <= time) {
        break; // an equal one was there before
      }
      move(parent, hole);
      hole = parent;
    }
    put(hole, time, own, event);
  }

  /** Lets the next event happen; false when there is none at or before {@code untilNanos}. */
  boolean step(long untilNanos) {
    if (size == 0 || times[0] > untilNanos) {
      return false;
    }
    Event first = events[0];
    now = times[0];
    size--;
    long time = times[size];
    long own = orders[size];
    Event last = events[size];
    int hole = 0;
    while (true) {
      int child = hole * CHILDREN + 1;
      if (child >= size) {
        break;
      }
      int least = child;
      int end = Math.min(child + CHILDREN, size);
      for (int other = child + 1; other < end; other++) {
        if (isBefore(other, times[least], orders[least])) {
          least = other;
        }
      }
      if (!isBefore(least, time, own)) {
        break;
      }
      move(least, hole);
      hole = least;
    }
    put(hole, time, own, last);
    first.happen();
    return true;
  }

  private boolean isBefore(int place, long time, long own) {
    return times[place] < time || (times[place] == time && orders[place] < own);
  }

  private void move(int from, int to) {
    put(to, times[from], orders[from], events[from]);
  }

  private void put(int place, long time, long own, Event event) {
    times[place] = time;
    orders[place] = own;
    events[place] = event;
  }
}
