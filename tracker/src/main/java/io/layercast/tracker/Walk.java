package io.layercast.tracker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * A walk through a list in random order, as far as it is followed: Fisher-Yates with only the swaps
 * that happened kept, so that k of n cost O(k). The list must not change meanwhile.
 */
final class Walk<T> {
  private final List<T> list;
  private final RandomGenerator random;
  private final Map<Integer, Integer> swapped = new HashMap<>();
  private int visited;

  Walk(List<T> list, RandomGenerator random) {
    this.list = list;
    this.random = random;
  }

  /**
   * Up to {@code count} further elements that suit. Gives up when four times as many and 16 did
   * not: hardly any does then.
   */
  List<T> take(int count, Predicate<? super T> suits) {
    List<T> taken = new ArrayList<>(Math.max(0, count));
    int last = Math.min(list.size(), visited + 4 * count + 16);
    while (taken.size() < count && visited < last) {
      T next = next();
      if (suits.test(next)) {
        taken.add(next);
      }
    }
    return taken;
  }

  private T next() {
    int chosen = random.nextInt(visited, list.size());
    int index = swapped.getOrDefault(chosen, chosen);
    swapped.put(chosen, swapped.getOrDefault(visited, visited));
    swapped.remove(visited);
    visited++;
    return list.get(index);
  }
}
