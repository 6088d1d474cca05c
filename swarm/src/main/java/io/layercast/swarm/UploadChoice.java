package io.layercast.swarm;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Who may download from this node now. Peers of one cluster cooperate, so there is no tit-for-tat:
 * whoever is interested gets a free slot at once or waits in line; while others wait, a slot is
 * passed on when its holder has got a whole piece, after its turn, or as soon as it asks for
 * nothing.
 *
 * <p>Few slots: each holder gets its piece soon and can pass it on soon, and those who wait are
 * free to ask others. But where the holders use their slots and together do not take what the node
 * may send, there are more, one at a time, up to a maximum. Once they take it all there are fewer
 * again, also where nobody waits, and the next crowd begins with the fewest (ADR 15).
 *
 * <p>Not thread-safe. Time comes in as nanoseconds.
 *
 * @param <P> a peer; equal ones are one
 */
public final class UploadChoice<P> {
  /** Somebody's slot came or went. */
  public record Change<P>(P peer, boolean unchoked) {}

  private final int fewestSlots;
  private final int mostSlots;
  private final long turnNanos;
  private int slots;

  /** Holders and since when, longest first. */
  private final Map<P, Long> holders = new LinkedHashMap<>();

  private final Set<P> waiting = new LinkedHashSet<>();

  public UploadChoice(int fewestSlots, int mostSlots, long turnNanos) {
    this.fewestSlots = fewestSlots;
    this.mostSlots = mostSlots;
    this.turnNanos = turnNanos;
    this.slots = fewestSlots;
  }

  /** The peer wants to download. */
  public List<Change<P>> wants(P peer, long nowNanos) {
    if (!holders.containsKey(peer)) {
      waiting.add(peer);
    }
    return fill(nowNanos, new ArrayList<>(2));
  }

  /** The peer wants nothing more, or is gone. */
  public List<Change<P>> left(P peer, long nowNanos) {
    List<Change<P>> changes = new ArrayList<>(2);
    waiting.remove(peer);
    if (holders.remove(peer) != null) {
      changes.add(new Change<>(peer, false));
    }
    if (holders.isEmpty() && waiting.isEmpty()) {
      slots = fewestSlots; // how many served the last crowd says nothing of the next
    }
    return fill(nowNanos, changes);
  }

  /**
   * The peer was sent a whole piece.
   *
   * @param isSaturated whether blocks wait for the node's limit
   */
  public List<Change<P>> served(P peer, long nowNanos, boolean isSaturated) {
    List<Change<P>> changes = new ArrayList<>(2);
    adapt(isSaturated, true);
    boolean passesOn = !waiting.isEmpty() || holders.size() > slots;
    if (passesOn && holders.remove(peer) != null) {
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
  public List<Change<P>> rotate(long nowNanos, Predicate<? super P> isIdle, boolean isSaturated) {
    List<Change<P>> changes = new ArrayList<>(2);
    adapt(isSaturated, holders.keySet().stream().noneMatch(isIdle));
    int wanted = waiting.size();
    for (Iterator<Map.Entry<P, Long>> it = holders.entrySet().iterator();
        it.hasNext() && wanted > 0; ) {
      Map.Entry<P, Long> holder = it.next();
      P peer = holder.getKey();
      if (nowNanos - holder.getValue() >= turnNanos || isIdle.test(peer)) {
        it.remove();
        pass(peer, changes);
        wanted--;
      }
    }
    return fill(nowNanos, changes);
  }

  /** Whether slots have to be passed on. */
  public boolean isContended() {
    return !waiting.isEmpty();
  }

  /**
   * @param areUsed whether those who have slots ask for something: else more slots only spread the
   *     same demand unevenly over the nodes that give them
   */
  private void adapt(boolean isSaturated, boolean areUsed) {
    if (isSaturated) {
      slots = Math.max(fewestSlots, slots - 1);
    } else if (areUsed) {
      slots = Math.min(mostSlots, slots + 1);
    }
  }

  private void pass(P holder, List<Change<P>> changes) {
    waiting.add(holder);
    changes.add(new Change<>(holder, false));
  }

  private List<Change<P>> fill(long nowNanos, List<Change<P>> changes) {
    for (Iterator<P> it = waiting.iterator(); it.hasNext() && holders.size() < slots; ) {
      P peer = it.next();
      it.remove();
      holders.put(peer, nowNanos);
      changes.add(new Change<>(peer, true));
    }
    return changes;
  }
}
