package io.layercast.tracker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * A walk through a list in random order, as far as it is followed: Fisher-Yates with only the swaps
 * that happened kept, so that k of n cost O(k). The list must not change meanwhile.
 */
final class Walk<T> {
  /** An odd number whose low bits are mixed: neighbours do not collide. */
  private static final int SPREAD = 0x9E3779B1;

  private final List<T> list;
  private final RandomGenerator random;

  /** Index and what stands there now, by turns; open addressing, an index of -1 is free. */
  private int[] swaps = free(32);

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
      int[] drawn = draw(Math.min(count - taken.size(), last - visited));
      for (int index : drawn) { // nothing else here: the elements are far apart in memory
        T next = list.get(index);
        if (suits.test(next)) {
          taken.add(next);
        }
      }
    }
    return taken;
  }

  private int[] draw(int count) {
    while (4 * (visited + count) > swaps.length) {
      grow();
    }
    int[] drawn = new int[count];
    for (int i = 0; i < count; i++) {
      drawn[i] = next();
    }
    return drawn;
  }

  private int next() {
    int chosen = random.nextInt(visited, list.size());
    int index = swapped(chosen);
    swap(chosen, swapped(visited));
    visited++;
    return index;
  }

  private int swapped(int index) {
    int slot = slot(index);
    return swaps[slot] == index ? swaps[slot + 1] : index;
  }

  private void swap(int index, int other) {
    int slot = slot(index);
    swaps[slot] = index;
    swaps[slot + 1] = other;
  }

  /** Where {@code index} stands, or would. */
  private int slot(int index) {
    int mask = swaps.length - 1;
    int slot = index * SPREAD & mask & ~1;
    while (swaps[slot] != index && swaps[slot] >= 0) {
      slot = slot + 2 & mask;
    }
    return slot;
  }

  private void grow() {
    int[] before = swaps;
    swaps = free(2 * before.length);
    for (int slot = 0; slot < before.length; slot += 2) {
      if (before[slot] >= visited) {
        swap(before[slot], before[slot + 1]);
      }
    }
  }

  private static int[] free(int length) {
    int[] slots = new int[length];
    Arrays.fill(slots, -1);
    return slots;
  }
}
