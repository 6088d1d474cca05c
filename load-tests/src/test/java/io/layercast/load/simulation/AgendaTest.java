package io.layercast.load.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AgendaTest {
  @Test
  void events_happenInTime_equalOnesInOrder() {
    for (long seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      Agenda agenda = new Agenda();
      List<long[]> happened = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        long time = random.nextLong(50);
        long number = i;
        agenda.at(time, () -> happened.add(new long[] {time, number}));
      }
      while (agenda.step(Long.MAX_VALUE)) {
        assertThat(agenda.now()).isEqualTo(happened.getLast()[0]);
      }
      assertThat(happened).hasSize(500);
      for (int i = 1; i < happened.size(); i++) {
        long[] before = happened.get(i - 1);
        long[] after = happened.get(i);
        assertThat(before[0] < after[0] || (before[0] == after[0] && before[1] < after[1]))
            .as("seed %d, event %d", seed, i)
            .isTrue();
      }
    }
  }

  @Test
  void nothingHappens_beyondTheHorizon() {
    Agenda agenda = new Agenda();
    agenda.at(10, () -> {});
    assertThat(agenda.step(9)).isFalse();
    assertThat(agenda.step(10)).isTrue();
  }
}
