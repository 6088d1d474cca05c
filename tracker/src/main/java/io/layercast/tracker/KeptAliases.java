package io.layercast.tracker;

import io.layercast.engine.SwarmId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.CompletableFuture;

/**
 * The aliases this node keeps registered, and which to register next: those that somebody waits for
 * first, then those that the tracker has lost, a few at a time. Not thread-safe.
 */
final class KeptAliases {
  /** Fewer than the pool holds, so that none fails for want of room and announces get through. */
  static final int MOST_UNDER_WAY = 8;

  /** One alias. */
  static final class Kept {
    final AliasRequest request;
    final String proof;

    /** Told of the next outcome. */
    private final List<CompletableFuture<Void>> makers = new ArrayList<>();

    /** Of the tracker that took it last; empty before one did. */
    private String trackerId = "";

    private boolean isUnderWay;

    Kept(AliasRequest request, String proof) {
      this.request = request;
      this.proof = proof;
    }
  }

  private final Map<SwarmId, Kept> aliases = new HashMap<>();
  private final Deque<Kept> wanted = new ArrayDeque<>();
  private final SequencedSet<Kept> lost = new LinkedHashSet<>();
  private String trackerId = "";
  private int underWay;

  /**
   * Keeps an alias from now on. Made again it is the same one: what was there stays.
   *
   * @param taken completed when a tracker took it; once failed, it is the maker's to try again
   */
  void keep(AliasRequest request, String proof, CompletableFuture<Void> taken) {
    Kept kept = aliases.computeIfAbsent(request.alias(), _ -> new Kept(request, proof));
    if (kept.makers.isEmpty() && !kept.isUnderWay) {
      wanted.add(kept);
    }
    kept.makers.add(taken);
  }

  /** The next to register, which is under way from now on; empty when none is due. */
  Optional<Kept> next() {
    if (underWay == MOST_UNDER_WAY || (wanted.isEmpty() && lost.isEmpty())) {
      return Optional.empty();
    }
    Kept kept = wanted.isEmpty() ? lost.removeFirst() : wanted.remove();
    lost.remove(kept);
    kept.isUnderWay = true;
    underWay++;
    return Optional.of(kept);
  }

  /** A tracker took it. */
  void taken(Kept kept, String byTrackerId) {
    ended(kept);
    kept.trackerId = byTrackerId;
    kept.makers.forEach(maker -> maker.complete(null));
    kept.makers.clear();
  }

  /** No tracker took it. One that was taken before is kept, for {@link #retry}. */
  void notTaken(Kept kept, Throwable cause) {
    ended(kept);
    kept.makers.forEach(maker -> maker.completeExceptionally(cause));
    kept.makers.clear();
    if (kept.trackerId.isEmpty()) {
      aliases.remove(kept.request.alias(), kept);
    }
    if (!(Replies.unwrap(cause) instanceof TrackerHttp.Refusal)) {
      lost.clear(); // nobody answers, the others would fail too
    }
  }

  /** That tracker answers: what it has not is due, what has expired is kept no longer. */
  void answered(String byTrackerId, Instant now) {
    trackerId = byTrackerId;
    aliases.values().removeIf(kept -> kept.request.expiry().isBefore(now));
    retry();
  }

  /** What the tracker that answered last has not is due. */
  void retry() {
    lost.clear();
    aliases.values().stream().filter(this::isLost).forEach(lost::add);
  }

  private boolean isLost(Kept kept) {
    return !kept.isUnderWay && !kept.trackerId.isEmpty() && !kept.trackerId.equals(trackerId);
  }

  private void ended(Kept kept) {
    kept.isUnderWay = false;
    underWay--;
  }
}
