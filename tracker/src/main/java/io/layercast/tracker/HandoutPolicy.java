package io.layercast.tracker;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Which peers of a swarm are handed to whom.
 *
 * <ul>
 *   <li>Nobody gets itself, nor a standard client that it has no alias to greet by.
 *   <li>Who is complete gets incomplete peers only.
 *   <li>Who is not gets at most {@code maxProxies} proxies; of the rest, {@code seedShare} complete
 *       agents and for the remainder incomplete ones, each filling up for the other; more proxies
 *       only when there are no others left.
 * </ul>
 *
 * Choices are random and cost O(wanted), not O(swarm).
 */
public final class HandoutPolicy {
  private final int maxProxies;
  private final double seedShare;
  private final RandomGenerator random;

  /**
   * @param maxProxies in one handout, as long as others can fill it
   * @param seedShare part of the agents in it that should be complete, 0 to 1
   */
  public HandoutPolicy(int maxProxies, double seedShare, RandomGenerator random) {
    this.maxProxies = maxProxies;
    this.seedShare = seedShare;
    this.random = random;
  }

  /** A peer as the policy sees it. */
  public interface Candidate {
    boolean isComplete();

    /** What a standard client joined by; empty for one of ours. */
    Optional<?> alias();
  }

  /**
   * A swarm as the policy sees it, each list in any order.
   *
   * @param proxies complete or not
   * @param seeds complete agents and standard clients
   * @param leechers incomplete ones
   */
  public record Pools<P extends Candidate>(List<P> proxies, List<P> seeds, List<P> leechers) {}

  /**
   * Who asks.
   *
   * @param self whether a candidate is the asker
   * @param alias what the asker, a standard client, joined by
   * @param marksForeign whether the asker can be told by which alias to greet a standard client
   */
  public record Asker<P extends Candidate>(
      Predicate<P> self, boolean complete, Optional<?> alias, boolean marksForeign) {

    private boolean suits(P candidate) {
      boolean canGreet =
          marksForeign || candidate.alias().isEmpty() || candidate.alias().equals(alias);
      return canGreet && !(complete && candidate.isComplete()) && !self.test(candidate);
    }
  }

  /** Up to {@code wanted} peers for {@code asker}, each at most once, in no order. */
  public <P extends Candidate> List<P> choose(Pools<P> pools, Asker<P> asker, int wanted) {
    Predicate<P> suits = asker::suits;
    Walk<P> proxies = new Walk<>(pools.proxies(), random);
    Walk<P> seeds = new Walk<>(pools.seeds(), random);
    Walk<P> leechers = new Walk<>(pools.leechers(), random);

    List<P> chosen = new ArrayList<>(proxies.take(Math.min(maxProxies, wanted), suits));
    if (!asker.complete()) {
      int fromSeeds = (int) Math.round((wanted - chosen.size()) * seedShare);
      chosen.addAll(seeds.take(fromSeeds, suits));
    }
    chosen.addAll(leechers.take(wanted - chosen.size(), suits));
    if (!asker.complete()) {
      chosen.addAll(seeds.take(wanted - chosen.size(), suits));
    }
    chosen.addAll(proxies.take(wanted - chosen.size(), suits));
    return chosen;
  }
}
