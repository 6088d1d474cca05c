package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IngestPlanTest {
  private final IngestPlan plan = new IngestPlan(10);
  private final PieceSet have = PieceSet.empty(10);

  @Test
  void assign_givesEachConnectionOtherPieces() {
    assertThat(plan.assign(1, have, 4)).contains(new IngestPlan.Stretch(0, 4));
    assertThat(plan.assign(2, have, 4)).contains(new IngestPlan.Stretch(4, 8));
    assertThat(plan.assign(3, have, 4)).contains(new IngestPlan.Stretch(8, 10));
    assertThat(plan.assign(4, have, 4)).isEmpty();
  }

  @Test
  void assign_leavesOutWhatIsHad() {
    have.add(0);
    have.add(3);
    assertThat(plan.assign(1, have, 4)).contains(new IngestPlan.Stretch(1, 3));
    assertThat(plan.assign(2, have, 4)).contains(new IngestPlan.Stretch(4, 8));
  }

  @Test
  void release_givesBackWhatDidNotCome() {
    var _ = plan.assign(1, have, 4);
    var _ = plan.assign(2, have, 4);
    have.add(0);
    assertThat(plan.lacksAny(1, have)).isTrue();
    plan.release(1);
    assertThat(plan.lacksAny(1, have)).isFalse();
    assertThat(plan.assign(3, have, 8)).contains(new IngestPlan.Stretch(1, 4));
  }

  @Test
  void assignAll_leavesNothing() {
    plan.assignAll(1);
    assertThat(plan.assign(2, have, 4)).isEmpty();
    assertThat(plan.lacksAny(1, have)).isTrue();
    assertThat(plan.lacksAny(1, PieceSet.full(10))).isFalse();
  }
}
