package io.layercast.bootstrap.node;

import io.layercast.engine.LayerTicket;
import io.layercast.engine.SharedBlob;
import io.layercast.engine.Swarms;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** A node's swarms with their bytes added up, those it has left included. Thread-safe. */
final class CountedSwarms implements Swarms {
  private final Swarms swarms;
  private final Set<Member> members = new HashSet<>(); // guarded by this
  private Traffic left = new Traffic(0, 0, 0, 0, 0); // guarded by this

  CountedSwarms(Swarms swarms) {
    this.swarms = swarms;
  }

  /** How many swarms it is in. */
  synchronized int count() {
    return members.size();
  }

  /** The bytes of all swarms so far, and the peers of those it is in. */
  synchronized Traffic total() {
    Traffic total = left;
    for (Member member : members) {
      total = plus(total, member.traffic());
    }
    return total;
  }

  @Override
  public Member join(SharedBlob blob, LayerTicket ticket) {
    Member member = swarms.join(blob, ticket);
    synchronized (this) {
      members.add(member);
    }
    AtomicBoolean hasLeft = new AtomicBoolean();
    return new Member() {
      @Override
      public void leave() {
        if (hasLeft.compareAndSet(false, true)) {
          leaveOnce(member);
        }
      }

      @Override
      public void meet(List<InetSocketAddress> seeds) {
        member.meet(seeds);
      }

      @Override
      public Traffic traffic() {
        return member.traffic();
      }
    };
  }

  private void leaveOnce(Member member) {
    member.leave();
    synchronized (this) {
      members.remove(member);
      Traffic last = member.traffic();
      left =
          plus(
              left,
              new Traffic(last.fromSeeds(), last.fromPeers(), last.uploaded(), last.wasted(), 0));
    }
  }

  private static Traffic plus(Traffic one, Traffic other) {
    return new Traffic(
        one.fromSeeds() + other.fromSeeds(),
        one.fromPeers() + other.fromPeers(),
        one.uploaded() + other.uploaded(),
        one.wasted() + other.wasted(),
        one.peers() + other.peers());
  }
}
