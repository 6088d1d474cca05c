package io.layercast.load.simulation;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Events by time, equal ones by their order: a heap with four children a node, in arrays. Time and
 * order stand side by side in one, so that comparing looks at no event.
 */
final class EventHeap {
  private static final int CHILDREN = 4;

  /** Time and order of each. */
  private long[] keys = new long[64];

  private @Nullable Event[] events = new Event[32];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  /** When the first is due; there must be one. */
  long firstTime() {
    return keys[0];
  }

  void add(Event event) {
    long time = event.timeNanos;
    long order = event.order;
    if (size == events.length) {
      keys = Arrays.copyOf(keys, size * 4);
      events = Arrays.copyOf(events, size * 2);
    }
    int hole = size++;
    while (hole > 0) {
      int parent = (hole - 1) / CHILDREN;
      if (isBefore(parent, time, order)) {
        break;
      }
      move(parent, hole);
      hole = parent;
    }
    put(hole, time, order, event);
  }

  /** Takes the first out; there must be one. */
  Event removeFirst() {
    Event first = Objects.requireNonNull(events[0]);
    size--;
    long time = keys[2 * size];
    long order = keys[2 * size + 1];
    Event last = events[size];
    events[size] = null;
    if (size == 0) {
      return first;
    }
    int hole = 0;
    while (true) {
      int child = hole * CHILDREN + 1;
      if (child >= size) {
        break;
      }
      int least = child;
      int end = Math.min(child + CHILDREN, size);
      for (int other = child + 1; other < end; other++) {
        if (isBefore(other, keys[2 * least], keys[2 * least + 1])) {
          least = other;
        }
      }
      if (!isBefore(least, time, order)) {
        break;
      }
      move(least, hole);
      hole = least;
    }
    put(hole, time, order, last);
    return first;
  }

  private boolean isBefore(int place, long time, long order) {
    long its = keys[2 * place];
    return its < time || (its == time && keys[2 * place + 1] < order);
  }

  private void move(int from, int to) {
    put(to, keys[2 * from], keys[2 * from + 1], events[from]);
  }

  private void put(int place, long time, long order, @Nullable Event event) {
    keys[2 * place] = time;
    keys[2 * place + 1] = order;
    events[place] = event;
  }
}
