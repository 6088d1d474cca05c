package io.layercast.bootstrap.node;

import java.util.Collections;
import java.util.Set;

/** Which of two clusters of one installation gives way to the other; both come to the same. */
enum SplitVerdict {
  /** They are not two: one knows a member of the other. */
  ONE_CLUSTER,
  /** Two, and the other one gives way. */
  STAY,
  /** Two, and ours does. */
  GIVE_WAY;

  /**
   * The smaller one gives way; of two of one size that without the lowest address.
   *
   * @param own the addresses of our cluster's members, never empty
   * @param other those of the cluster that another member is in; empty when it is in none
   * @param silent hosts that we do not hear: who joined a cluster with one would be put out again
   */
  static SplitVerdict of(Set<String> own, Set<String> other, Set<String> silent) {
    if (other.isEmpty() || !Collections.disjoint(own, other)) {
      return ONE_CLUSTER;
    }
    if (other.stream().anyMatch(member -> silent.contains(host(member)))) {
      return STAY;
    }
    if (own.size() != other.size()) {
      return own.size() < other.size() ? GIVE_WAY : STAY;
    }
    return Collections.min(own).compareTo(Collections.min(other)) < 0 ? STAY : GIVE_WAY;
  }

  private static String host(String member) {
    return member.replaceAll(".*@|:\\d+$|[\\[\\]]", "");
  }
}
