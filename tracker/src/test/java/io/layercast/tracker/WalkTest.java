package io.layercast.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalkTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 100, 5_000})
  void walk_isAShuffleOfWhatItFollows(int size) {
    List<Integer> list = IntStream.range(0, size).boxed().toList();
    List<Integer> shuffled = new ArrayList<>(list);
    SplittableRandom same = new SplittableRandom(3);
    for (int at = 0; at < size; at++) {
      Collections.swap(shuffled, at, same.nextInt(at, size));
    }
    Walk<Integer> walk = new Walk<>(list, new SplittableRandom(3));

    List<Integer> taken = new ArrayList<>(walk.take(size / 3, _ -> true));
    taken.addAll(walk.take(size, _ -> true));

    assertThat(taken).isEqualTo(shuffled);
  }

  @Test
  void walk_takesWhatSuits() {
    List<Integer> list = IntStream.range(0, 1_000).boxed().toList();

    List<Integer> even = new Walk<>(list, new Random(5)).take(20, each -> each % 2 == 0);

    assertThat(even).hasSize(20).doesNotHaveDuplicates().allMatch(each -> each % 2 == 0);
  }

  @Test
  void walk_givesUpWhereHardlyAnySuits() {
    List<Integer> list = IntStream.range(0, 1_000).boxed().toList();

    assertThat(new Walk<>(list, new Random(5)).take(20, _ -> false)).isEmpty();
  }
}
