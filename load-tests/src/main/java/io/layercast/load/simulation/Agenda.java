package io.layercast.load.simulation;

import org.jspecify.annotations.Nullable;

/**
 * What happens when, in virtual nanoseconds. What is due at the same instant happens in the order
 * in which it was put down.
 *
 * <p>A calendar: a day is 32 µs (2^15 ns), a year 8,192 of them, 268 ms, in which nearly all that
 * is put down falls due. Only today's events stand in a heap, a few dozen that the cache holds;
 * those of another day of this year are linked, so that putting one down costs a reference; later
 * ones wait in a heap of their own.
 */
final class Agenda {
  private static final int DAY_BITS = 15;
  private static final int DAYS = 1 << 13;

  private static final class Deed extends Event {
    private final Runnable deed;

    Deed(Runnable deed) {
      this.deed = deed;
    }

    @Override
    void happen() {
      deed.run();
    }
  }

  private final EventHeap today = new EventHeap();

  /** Of each day the event that was put down last. */
  private final @Nullable Event[] year = new Event[DAYS];

  private final EventHeap later = new EventHeap();

  /** The number of the day whose events are in {@link #today}, counted from the beginning. */
  private long day;

  /** How many events are linked to {@link #year}. */
  private int linked;

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

  void after(long nanos, Runnable deed) {
    at(now + nanos, new Deed(deed));
  }

  void after(long nanos, Event event) {
    at(now + nanos, event);
  }

  void at(long timeNanos, Runnable deed) {
    at(timeNanos, new Deed(deed));
  }

  void at(long timeNanos, Event event) {
    event.timeNanos = Math.max(timeNanos, now);
    event.order = order++;
    put(event);
  }

  private void put(Event event) {
    long its = event.timeNanos >> DAY_BITS;
    if (its <= day) {
      today.add(event);
    } else if (its - day < DAYS) {
      int place = (int) (its % DAYS);
      event.before = year[place];
      year[place] = event;
      linked++;
    } else {
      later.add(event);
    }
  }

  /** Lets the next event happen; false when there is none at or before {@code untilNanos}. */
  boolean step(long untilNanos) {
    while (today.isEmpty()) {
      if (!nextDay(untilNanos >> DAY_BITS)) {
        return false;
      }
    }
    if (today.firstTime() > untilNanos) {
      return false;
    }
    now = today.firstTime();
    today.removeFirst().happen();
    return true;
  }

  /** Turns to the next day; false when none up to {@code lastDay} has events. */
  private boolean nextDay(long lastDay) {
    if (linked == 0 && later.isEmpty()) {
      return false;
    }
    long next = linked > 0 ? day + 1 : later.firstTime() >> DAY_BITS;
    if (next > lastDay) {
      return false;
    }
    day = next;
    while (!later.isEmpty() && (later.firstTime() >> DAY_BITS) - day < DAYS) {
      put(later.removeFirst());
    }
    int place = (int) (day % DAYS);
    Event event = year[place];
    year[place] = null;
    while (event != null) {
      Event before = event.before;
      event.before = null;
      today.add(event);
      linked--;
      event = before;
    }
    return true;
  }
}
