package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.Address;
import akka.cluster.Reachability;
import akka.cluster.Reachability$;
import akka.cluster.UniqueAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class CutMembersTest {
  private static final UniqueAddress A = member(1);
  private static final UniqueAddress B = member(2);
  private static final UniqueAddress C = member(3);
  private static final UniqueAddress D = member(4);

  private static UniqueAddress member(long number) {
    return new UniqueAddress(new Address("akka", "layercast", "10.0.0." + number, 2551), number);
  }

  @Test
  void toLeave_ofTwoCutFromEachOther_theHigherAddress() {
    assertThat(toLeave(List.of(A, B), A, B, B, A)).containsExactly(B);
    assertThat(toLeave(List.of(A, B), A, B)).containsExactly(B);
  }

  @Test
  void toLeave_whoeverIsCutFromMost() {
    assertThat(toLeave(List.of(A, B, C), A, B, B, A, A, C, C, A)).containsExactly(A);
  }

  @Test
  void toLeave_ofTwoSides_oneSide() {
    assertThat(toLeave(List.of(A, B, C, D), A, C, A, D, B, C, B, D))
        .containsExactlyInAnyOrder(C, D);
  }

  /**
   * @param pairs observer, subject, observer, subject, …
   */
  private static Set<UniqueAddress> toLeave(List<UniqueAddress> cut, UniqueAddress... pairs) {
    Reachability reachability = Reachability$.MODULE$.empty();
    for (int i = 0; i < pairs.length; i += 2) {
      reachability = reachability.unreachable(pairs[i], pairs[i + 1]);
    }
    return CollectionConverters.asJava(
        CutMembers.toLeave(CollectionConverters.asScala(Set.copyOf(cut)).toSet(), reachability));
  }
}
