package io.layercast.engine;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Remembers who joined; brings nothing by itself. */
final class FakeSwarms implements Swarms {

  /** One join. */
  static final class FakeMember implements Member {
    final SharedBlob blob;
    final LayerTicket ticket;
    final AtomicLong fromPeers = new AtomicLong();
    final List<InetSocketAddress> met = new CopyOnWriteArrayList<>();
    volatile boolean hasLeft;

    FakeMember(SharedBlob blob, LayerTicket ticket) {
      this.blob = blob;
      this.ticket = ticket;
    }

    @Override
    public void leave() {
      hasLeft = true;
    }

    @Override
    public void meet(List<InetSocketAddress> seeds) {
      met.addAll(seeds);
    }

    @Override
    public Traffic traffic() {
      return new Traffic(0, fromPeers.get(), 0, 0, 0);
    }
  }

  final List<FakeMember> members = new CopyOnWriteArrayList<>();

  @Override
  public Member join(SharedBlob blob, LayerTicket ticket) {
    FakeMember member = new FakeMember(blob, ticket);
    members.add(member);
    return member;
  }

  FakeMember last() {
    return members.getLast();
  }
}
