package io.layercast.bootstrap.node;

import akka.cluster.Reachability;
import akka.cluster.UniqueAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import scala.collection.immutable.Set;
import scala.jdk.javaapi.CollectionConverters;

/** Who leaves when members of one cluster are cut from each other and not from the others. */
final class CutMembers {
  private CutMembers() {}

  /**
   * The fewest, as far as a simple rule finds them, without whom all that stay hear each other:
   * whoever hears most stays, of equals the lowest address. Every member comes to the same.
   *
   * @param cut members that somebody does not hear
   */
  static Set<UniqueAddress> toLeave(Set<UniqueAddress> cut, Reachability reachability) {
    List<UniqueAddress> all = new ArrayList<>(CollectionConverters.asJava(cut));
    all.sort(
        Comparator.<UniqueAddress>comparingLong(
                one -> all.stream().filter(other -> !hear(one, other, reachability)).count())
            .thenComparing(Comparator.naturalOrder()));
    List<UniqueAddress> staying = new ArrayList<>();
    Set<UniqueAddress> leaving = cut;
    for (UniqueAddress one : all) {
      if (staying.stream().allMatch(other -> hear(one, other, reachability))) {
        staying.add(one);
        leaving = leaving.excl(one);
      }
    }
    return leaving;
  }

  private static boolean hear(UniqueAddress one, UniqueAddress other, Reachability reachability) {
    return reachability.isReachable(one, other) && reachability.isReachable(other, one);
  }
}
