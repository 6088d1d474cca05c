package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class SplitVerdictTest {
  @Test
  void of_nobodyIsNoOtherCluster() {
    assertThat(SplitVerdict.of(Set.of("a"), Set.of())).isEqualTo(SplitVerdict.ONE_CLUSTER);
  }

  @Test
  void of_aSharedMemberMakesThemOne() {
    assertThat(SplitVerdict.of(Set.of("a", "b"), Set.of("b", "c", "d")))
        .isEqualTo(SplitVerdict.ONE_CLUSTER);
  }

  @Test
  void of_theSmallerGivesWay() {
    assertThat(SplitVerdict.of(Set.of("a"), Set.of("b", "c"))).isEqualTo(SplitVerdict.GIVE_WAY);
    assertThat(SplitVerdict.of(Set.of("b", "c"), Set.of("a"))).isEqualTo(SplitVerdict.STAY);
  }

  @Test
  void of_equalsAreToldApartByTheLowestAddress() {
    assertThat(SplitVerdict.of(Set.of("a", "d"), Set.of("b", "c"))).isEqualTo(SplitVerdict.STAY);
    assertThat(SplitVerdict.of(Set.of("b", "c"), Set.of("a", "d")))
        .isEqualTo(SplitVerdict.GIVE_WAY);
  }
}
