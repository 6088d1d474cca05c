package io.layercast.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class BodyBudgetTest {
  private static final InetAddress ONE = InetAddress.ofLiteral("192.0.2.1");
  private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.2");

  private final BodyBudget budget = new BodyBudget(10, 6);

  @Test
  void take_beyondWhatOneAddressMayHave_isRefused_othersAreNot() {
    assertThat(budget.take(ONE, 6)).isTrue();
    assertThat(budget.take(ONE, 1)).isFalse();
    assertThat(budget.take(OTHER, 4)).isTrue();
  }

  @Test
  void take_beyondTheWhole_isRefused() {
    assertThat(budget.take(ONE, 6)).isTrue();
    assertThat(budget.take(OTHER, 5)).isFalse();
  }

  @Test
  void giveBack_makesRoom() {
    budget.take(ONE, 4);
    budget.take(ONE, 2);
    budget.giveBack(ONE, 4);
    assertThat(budget.take(ONE, 5)).isFalse();
    assertThat(budget.take(ONE, 4)).isTrue();
    budget.giveBack(ONE, 4);
    budget.giveBack(ONE, 2);
    assertThat(budget.take(OTHER, 6)).isTrue();
    assertThat(budget.take(ONE, 4)).isTrue();
  }
}
