package io.layercast.engine.rate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingLineTest {
  private final WaitingLine<String> line = new WaitingLine<>();

  @Test
  void others_waitBehindTheAwaitedAndHaveOneTurnOfEight() {
    for (int i = 0; i < 20; i++) {
      line.add("other " + i, false);
      line.add("awaited " + i, true);
    }

    assertThat(take(16))
        .containsExactly(
            "awaited 0",
            "awaited 1",
            "awaited 2",
            "awaited 3",
            "awaited 4",
            "awaited 5",
            "awaited 6",
            "other 0",
            "awaited 7",
            "awaited 8",
            "awaited 9",
            "awaited 10",
            "awaited 11",
            "awaited 12",
            "awaited 13",
            "other 1");
    assertThat(line.size()).isEqualTo(24);
    assertThat(line.awaitedSize()).isEqualTo(6);
  }

  @Test
  void others_alonePassInOrder() {
    line.add("first", false);
    line.add("second", false);
    line.add("awaited", true);

    assertThat(take(3)).containsExactly("awaited", "first", "second");
    assertThat(line.isEmpty()).isTrue();
  }

  @Test
  void turnsWithoutOthers_areNotCounted() {
    for (int i = 0; i < 20; i++) {
      line.add("awaited " + i, true);
    }
    take(10);
    line.add("other", false);

    assertThat(take(8)).last().isEqualTo("other");
  }

  @Test
  void removed_hasNoTurn() {
    line.add("gone", true);
    line.add("gone too", false);
    line.add("stays", true);

    assertThat(line.remove("gone")).isTrue();
    assertThat(line.remove("gone too")).isTrue();
    assertThat(line.remove("gone")).isFalse();
    assertThat(line.next()).isEqualTo("stays");
    assertThat(line.isEmpty()).isTrue();
  }

  private List<String> take(int count) {
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(line.next());
    }
    return taken;
  }
}
