package io.layercast.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HandoutPolicyTest {
  private record Candidate(String name, boolean isComplete, Optional<String> alias)
      implements HandoutPolicy.Candidate {}

  private final HandoutPolicy policy = new HandoutPolicy(2, 0.5, new Random(7));

  @Test
  void choose_givesALeecherHalfSeedsHalfLeechersAndTwoProxies() {
    List<Candidate> chosen = policy.choose(pools(10, 100, 100), asker("me", false), 50);

    assertThat(count(chosen, "proxy")).isEqualTo(2);
    assertThat(count(chosen, "seed")).isEqualTo(24);
    assertThat(count(chosen, "leech")).isEqualTo(24);
    assertThat(new HashSet<>(chosen)).hasSize(50);
  }

  @Test
  void choose_fillsUpWithWhatThereIs() {
    assertThat(policy.choose(pools(10, 3, 100), asker("me", false), 50)).hasSize(50);
    assertThat(policy.choose(pools(10, 100, 3), asker("me", false), 50)).hasSize(50);
    assertThat(policy.choose(pools(10, 1, 1), asker("me", false), 50)).hasSize(12);
    assertThat(policy.choose(pools(0, 0, 0), asker("me", false), 50)).isEmpty();
  }

  @Test
  void choose_givesASeedLeechersOnly() {
    List<Candidate> chosen = policy.choose(pools(10, 100, 20), asker("me", true), 50);

    assertThat(chosen).hasSize(20).allMatch(each -> !each.isComplete());
  }

  @Test
  void choose_neverGivesTheAskerItself() {
    assertThat(policy.choose(pools(0, 0, 10), asker("leech3", false), 50))
        .hasSize(9)
        .noneMatch(each -> each.name().equals("leech3"));
  }

  @Test
  void choose_givesStandardClientsOnlyToWhoCanGreetThem() {
    List<Candidate> leechers =
        List.of(
            new Candidate("ours", false, Optional.empty()),
            new Candidate("a", false, Optional.of("alias-a")),
            new Candidate("b", false, Optional.of("alias-b")));
    HandoutPolicy.Pools<Candidate> pools =
        new HandoutPolicy.Pools<>(List.of(), List.of(), leechers);

    assertThat(policy.choose(pools, asker("me", false), 9)).hasSize(3);
    assertThat(
            policy.choose(
                pools,
                new HandoutPolicy.Asker<Candidate>(
                    _ -> false, false, Optional.of("alias-a"), false),
                9))
        .extracting(Candidate::name)
        .containsExactlyInAnyOrder("ours", "a");
    assertThat(
            policy.choose(
                pools,
                new HandoutPolicy.Asker<Candidate>(_ -> false, false, Optional.empty(), false),
                9))
        .extracting(Candidate::name)
        .containsExactly("ours");
  }

  @Test
  void choose_isFairOverALargeSwarm() {
    HandoutPolicy.Pools<Candidate> pools = pools(20, 0, 10_000);
    Map<String, Integer> times = new HashMap<>();
    for (int i = 0; i < 2_000; i++) {
      policy
          .choose(pools, asker("me", false), 50)
          .forEach(each -> times.merge(each.name(), 1, Integer::sum));
    }

    // 2,000 × 2 over 20 proxies: 200 each, and 2,000 × 48 over 10,000: 9.6 each.
    IntStream.range(0, 20)
        .forEach(i -> assertThat(times.getOrDefault("proxy" + i, 0)).isBetween(130, 270));
    assertThat(times.values()).allMatch(count -> count < 270);
    assertThat(times).hasSizeGreaterThan(9_900);
  }

  @Test
  void take_visitsEveryElementOnce() {
    List<Integer> list = IntStream.range(0, 500).boxed().toList();
    Walk<Integer> walk = new Walk<>(list, new Random(3));
    List<Integer> taken = new ArrayList<>();
    while (taken.size() < 500) {
      taken.addAll(walk.take(7, _ -> true));
    }

    assertThat(taken).containsExactlyInAnyOrderElementsOf(list).isNotEqualTo(list);
    assertThat(walk.take(7, _ -> true)).isEmpty();
  }

  private static HandoutPolicy.Pools<Candidate> pools(int proxies, int seeds, int leechers) {
    return new HandoutPolicy.Pools<>(
        candidates("proxy", proxies, true),
        candidates("seed", seeds, true),
        candidates("leech", leechers, false));
  }

  private static List<Candidate> candidates(String kind, int count, boolean complete) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Candidate(kind + i, complete, Optional.empty()))
        .toList();
  }

  private static HandoutPolicy.Asker<Candidate> asker(String name, boolean complete) {
    return new HandoutPolicy.Asker<>(
        each -> each.name().equals(name), complete, Optional.empty(), true);
  }

  private static long count(List<Candidate> chosen, String kind) {
    return chosen.stream().filter(each -> each.name().startsWith(kind)).count();
  }
}
