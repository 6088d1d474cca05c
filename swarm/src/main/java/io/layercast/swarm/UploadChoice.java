package io.layercast.swarm;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Who may download from this node now. Peers of one cluster cooperate, so there is no tit-for-tat:
 * whoever is interested gets a free slot at once or waits in line; while others wait, a slot is
 * passed on after its turn, or as soon as its holder asks for nothing. Not thread-safe. Time comes
 * in as nanoseconds.
 */
public final class UploadChoice {
  /** Somebody's slot came or went. */
  public record Change(long peer, boolean unchoked) {}

  private final int slots;
  private final long turnNanos;

  /** Holders and since when, longest first. */
  private final Map<Long, Long> holders = new LinkedHashMap<>();

  private final Set<Long> waiting = new LinkedHashSet<>();

  public UploadChoice(int slots, long turnNanos) {
    this.slots = slots;
    this.turnNanos = turnNanos;
  }

  /** The peer wants to download. */
  public List<Change> wants(long peer, long nowNanos) {
    if (!holders.containsKey(peer)) {
      waiting.add(peer);
    }
    return fill(nowNanos, new ArrayList<>());
  }

  /** The peer wants nothing more, or is gone. */
  public List<Change> left(long peer, long nowNanos) {
    List<Change> changes = new ArrayList<>();
    waiting.remove(peer);
    if (holders.remove(peer) != null) {
      changes.add(new Change(peer, false));
    }
    return fill(nowNanos, changes);
  }

  /**
   * Passes slots on.
   *
   * @param isIdle whether a holder has asked for nothing lately
   */
  public List<Change> rotate(long nowNanos, LongPredicate isIdle) {
    List<Change> changes = new ArrayList<>();
    int wanted = waiting.size();
    for (Iterator<Map.Entry<Long, Long>> it = holders.entrySet().iterator();
        it.hasNext() && wanted > 0; ) {
      Map.Entry<Long, Long> holder = it.next();
      boolean over = nowNanos - holder.getValue() >= turnNanos || isIdle.test(holder.getKey());
      if (over) {
        it.remove();
        waiting.add(holder.getKey());
        changes.add(new Change(holder.getKey(), false));
        wanted--;
      }
    }
    return fill(nowNanos, changes);
  }

  /** Whether turns have to be passed on. */
  public boolean isContended() {
    return !waiting.isEmpty();
  }

  private List<Change> fill(long nowNanos, List<Change> changes) {
    for (Iterator<Long> it = waiting.iterator(); it.hasNext() && holders.size() < slots; ) {
      long peer = it.next();
      it.remove();
      holders.put(peer, nowNanos);
      changes.add(new Change(peer, true));
    }
    return changes;
  }
}
