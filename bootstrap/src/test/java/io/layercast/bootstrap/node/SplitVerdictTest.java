package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class SplitVerdictTest {
  @Test
  void of_nobodyIsNoOtherCluster() {
    assertThat(of(Set.of("a"), Set.of())).isEqualTo(SplitVerdict.ONE_CLUSTER);
  }

  @Test
  void of_aSharedMemberMakesThemOne() {
    assertThat(of(Set.of("a", "b"), Set.of("b", "c", "d"))).isEqualTo(SplitVerdict.ONE_CLUSTER);
  }

  @Test
  void of_theSmallerGivesWay() {
    assertThat(of(Set.of("a"), Set.of("b", "c"))).isEqualTo(SplitVerdict.GIVE_WAY);
    assertThat(of(Set.of("b", "c"), Set.of("a"))).isEqualTo(SplitVerdict.STAY);
  }

  @Test
  void of_equalsAreToldApartByTheLowestAddress() {
    assertThat(of(Set.of("a", "d"), Set.of("b", "c"))).isEqualTo(SplitVerdict.STAY);
    assertThat(of(Set.of("b", "c"), Set.of("a", "d"))).isEqualTo(SplitVerdict.GIVE_WAY);
  }

  @Test
  void of_aClusterWithAMemberWeDoNotHearIsNotJoined() {
    Set<String> own = Set.of("akka://layercast@10.0.0.9:2551");
    Set<String> other = Set.of("akka://layercast@10.0.0.1:2551", "akka://layercast@10.0.0.2:2551");
    assertThat(SplitVerdict.of(own, other, Set.of("10.0.0.2"))).isEqualTo(SplitVerdict.STAY);
    assertThat(SplitVerdict.of(own, other, Set.of("10.0.0.7"))).isEqualTo(SplitVerdict.GIVE_WAY);
  }

  private static SplitVerdict of(Set<String> own, Set<String> other) {
    return SplitVerdict.of(own, other, Set.of());
  }
}
