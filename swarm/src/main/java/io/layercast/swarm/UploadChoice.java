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
 * passed on when its holder has got a whole piece, after its turn, or as soon as it asks for
 * nothing.
 *
 * <p>Few slots: each holder gets its piece soon and can pass it on soon, and those who wait are
 * free to ask others. But a slot each while all the holders together do not take what the node may
 * send: then there are more, one at a time, up to a maximum (ADR 15).
 *
 * <p>Not thread-safe. Time comes in as nanoseconds.
 */
public final class UploadChoice {
  /** Somebody's slot came or went. */
  public record Change(long peer, boolean unchoked) {}

  private final int fewestSlots;
  private final int mostSlots;
  private final long turnNanos;
  private int slots;

  /** Holders and since when, longest first. */
  private final Map<Long, Long> holders = new LinkedHashMap<>();

  private final Set<Long> waiting = new LinkedHashSet<>();

  public UploadChoice(int fewestSlots, int mostSlots, long turnNanos) {
    this.fewestSlots = fewestSlots;
    this.mostSlots = mostSlots;
    this.turnNanos = turnNanos;
    this.slots = fewestSlots;
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
   * The peer was sent a whole piece.
   *
   * @param isSaturated whether blocks wait for the node's limit
   */
  public List<Change> served(long peer, long nowNanos, boolean isSaturated) {
    List<Change> changes = new ArrayList<>();
    adapt(isSaturated);
    if (!waiting.isEmpty() && holders.containsKey(peer)) {
      pass(peer, changes);
    }
    return fill(nowNanos, changes);
  }

  /**
   * Passes slots on.
   *
   * @param isIdle whether a holder has asked for nothing lately
   * @param isSaturated whether blocks wait for the node's limit
   */
  public List<Change> rotate(long nowNanos, LongPredicate isIdle, boolean isSaturated) {
    List<Change> changes = new ArrayList<>();
    adapt(isSaturated);
    int wanted = waiting.size();
    for (Map.Entry<Long, Long> holder : List.copyOf(holders.entrySet())) {
      boolean over = nowNanos - holder.getValue() >= turnNanos || isIdle.test(holder.getKey());
      if (over && wanted > 0) {
        pass(holder.getKey(), changes);
        wanted--;
      }
    }
    return fill(nowNanos, changes);
  }

  /** Whether slots have to be passed on. */
  public boolean isContended() {
    return !waiting.isEmpty();
  }

  private void adapt(boolean isSaturated) {
    slots = isSaturated ? Math.max(fewestSlots, slots - 1) : Math.min(mostSlots, slots + 1);
  }

  private void pass(long holder, List<Change> changes) {
    holders.remove(holder);
    waiting.add(holder);
    changes.add(new Change(holder, false));
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
