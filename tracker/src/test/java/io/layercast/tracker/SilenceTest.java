package io.layercast.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.SwarmId;
import io.layercast.tracker.Swarm.Entry;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.SequencedSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SilenceTest {
  private final List<Entry> entries =
      IntStream.range(0, 20)
          .mapToObj(port ->
              new Entry(
                  new Swarm.Node(new PeerAddress(new byte[] {127, 0, 0, 1}, 1 + port)),
                  SwarmId.of(new byte[20])))
          .toList();

  @Test
  void order_isThatOfTwoSets() {
    Silence ours = new Silence();
    Silence foreign = new Silence();
    SequencedSet<Entry> oursBySet = new LinkedHashSet<>();
    SequencedSet<Entry> foreignBySet = new LinkedHashSet<>();
    Random random = new Random(42);
    for (int i = 0; i < 10_000; i++) {
      Entry entry = entries.get(random.nextInt(entries.size()));
      oursBySet.remove(entry);
      foreignBySet.remove(entry);
      switch (random.nextInt(3)) {
        case 0 -> Silence.take(entry);
        case 1 -> {
          ours.putLast(entry);
          oursBySet.addLast(entry);
        }
        default -> {
          foreign.putLast(entry);
          foreignBySet.addLast(entry);
        }
      }
      assertThat(inOrder(ours)).isEqualTo(List.copyOf(oursBySet));
      assertThat(inOrder(foreign)).isEqualTo(List.copyOf(foreignBySet));
      assertThat(ours.size()).isEqualTo(oursBySet.size());
    }
  }

  private static List<Entry> inOrder(Silence silence) {
    List<Entry> all = new ArrayList<>();
    for (Entry entry = silence.first(); entry != null; entry = entry.after) {
      all.add(entry);
    }
    return all;
  }
}
