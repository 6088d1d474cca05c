package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PieceBudgetTest {
  private static final int MIB = 1024 * 1024;

  private final PieceBudget budget = new PieceBudget(16 * MIB, Duration.ofMillis(2_500));

  @Test
  void piecesEach_areWhatFits_orComesInTime_sharedAndOneAtLeast() {
    assertThat(budget.piecesEach(MIB, 1, 0)).isEqualTo(16);
    assertThat(budget.piecesEach(MIB, 3, 0)).as("rounded up").isEqualTo(6);
    assertThat(budget.piecesEach(MIB, 1, 2 * MIB)).as("in 2.5 s").isEqualTo(5);
    assertThat(budget.piecesEach(4 * MIB, 100, MIB)).isEqualTo(1);
    assertThat(budget.piecesEach(MIB, 0, 0)).as("before anybody asks").isEqualTo(16);
  }

  @Test
  void unlimitedRate_allowsWhatFits() {
    assertThat(budget.allows(15 * MIB, MIB, 0)).isTrue();
    assertThat(budget.allows(15 * MIB, MIB + 1, 0)).isFalse();
  }

  @Test
  void slowRate_allowsWhatItFillsInTime() {
    assertThat(budget.allows(4 * MIB, MIB, 2 * MIB)).isTrue();
    assertThat(budget.allows(4 * MIB, MIB + 1, 2 * MIB)).isFalse();
  }

  @Test
  void slowRate_allowsAPieceAlone() {
    assertThat(budget.allows(0, 16 * MIB, 1)).isTrue();
    assertThat(budget.allows(0, 16 * MIB + 1, 1)).isFalse();
  }

  @Test
  void quickRate_allowsNoMoreThanThereIs() {
    assertThat(budget.allows(15 * MIB, MIB + 1, 100_000_000_000L)).isFalse();
  }

  @Test
  void from_readsTheKeys() {
    assertThat(PieceBudget.from(ConfigFactory.load()))
        .isEqualTo(new PieceBudget(64L * MIB, Duration.ofSeconds(20)));
  }
}
