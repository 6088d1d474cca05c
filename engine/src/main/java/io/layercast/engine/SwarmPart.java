package io.layercast.engine;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * This node's part in the swarm of one generation of a blob. The swarm's id follows from the
 * cluster key; when that is rotated the part moves to the new id and stays under the one before, so
 * that nobody who knows only that is cut off. Thread-safe.
 */
final class SwarmPart implements Swarms.Member {
  private record Under(LayerTicket ticket, Swarms.Member member) {}

  private final Swarms swarms;
  private final SharedBlob blob;
  private Under now;
  private @Nullable Under before;
  private boolean hasLeft;

  SwarmPart(Swarms swarms, SharedBlob blob, LayerTicket ticket) {
    this.swarms = swarms;
    this.blob = blob;
    this.now = join(ticket);
  }

  /** Of the id that it moved to last. */
  synchronized LayerTicket ticket() {
    return now.ticket;
  }

  /**
   * Takes in a ticket of the same generation: moves to its id unless it is under that already, and
   * meets its seeds.
   */
  synchronized void hear(LayerTicket told) {
    if (hasLeft) {
      return;
    }
    Under former = before;
    if (former != null && isUnder(former, told)) {
      before = now;
      now = former;
    } else if (!isUnder(now, told)) {
      if (former != null) {
        former.member.leave();
      }
      before = now;
      now = join(told);
    }
    now.member.meet(told.seeds());
  }

  /** Is no longer under an id of a key that does not hold any more. */
  synchronized void forget(SwarmKeys keys) {
    if (before != null && !keys.isGenuine(before.ticket.swarmId())) {
      before.member.leave();
      before = null;
    }
  }

  private static boolean isUnder(Under under, LayerTicket told) {
    return under.ticket.swarmId().equals(told.swarmId());
  }

  private Under join(LayerTicket ticket) {
    return new Under(ticket, swarms.join(blob, ticket));
  }

  @Override
  public synchronized void leave() {
    hasLeft = true;
    now.member.leave();
    if (before != null) {
      before.member.leave();
    }
  }

  @Override
  public synchronized void meet(List<InetSocketAddress> seeds) {
    now.member.meet(seeds);
    if (before != null) {
      before.member.meet(seeds);
    }
  }

  @Override
  public synchronized Swarms.Traffic traffic() {
    Swarms.Traffic current = now.member.traffic();
    return before == null ? current : current.plus(before.member.traffic());
  }
}
