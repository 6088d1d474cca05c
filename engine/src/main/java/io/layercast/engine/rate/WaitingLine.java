package io.layercast.engine.rate;

import java.util.LinkedHashSet;
import java.util.SequencedSet;

/**
 * Whose turn is next: those somebody waits for go first, in order; of {@value #OF_EACH} turns one
 * is for the others, in order too, so that they do not starve. Pure; not thread-safe.
 */
public final class WaitingLine<T> {
  private static final int OF_EACH = 8;

  private final SequencedSet<T> awaited = new LinkedHashSet<>();
  private final SequencedSet<T> others = new LinkedHashSet<>();

  /** Turns of the awaited since the last of the others, while there were others. */
  private int passedOver;

  /** Takes in one, unless it is in the line. Identity or equality counts, as of a set. */
  public void add(T one, boolean isAwaited) {
    (isAwaited ? awaited : others).add(one);
  }

  /** Whether it was in the line, from which it is taken. */
  public boolean remove(T one) {
    return awaited.remove(one) || others.remove(one);
  }

  public boolean isEmpty() {
    return awaited.isEmpty() && others.isEmpty();
  }

  /** How many are in the line that somebody waits for. */
  public int awaitedSize() {
    return awaited.size();
  }

  int size() {
    return awaited.size() + others.size();
  }

  /**
   * Takes the next one from the line.
   *
   * @throws java.util.NoSuchElementException when there is none
   */
  public T next() {
    return nextFrom().removeFirst();
  }

  private SequencedSet<T> nextFrom() {
    if (others.isEmpty()) {
      passedOver = 0;
      return awaited;
    }
    passedOver++;
    if (awaited.isEmpty() || passedOver == OF_EACH) {
      passedOver = 0;
      return others;
    }
    return awaited;
  }
}
