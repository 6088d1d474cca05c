package io.layercast.swarm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How a connection begins, and on what terms it goes on.
 *
 * @param accepted what somebody else began, if that is so
 * @param target where to connect to otherwise
 * @param memory what the connection sends from
 * @param sendTimeout after which a peer that takes nothing is given up
 * @param disk where layers' bytes are read, and sent from
 */
record SocketPlan(
    @Nullable SocketChannel accepted,
    @Nullable Target target,
    SendMemory memory,
    Duration sendTimeout,
    Optional<PeerTls> tls,
    Executor disk) {

  /**
   * @param from the local address, if it matters
   */
  record Target(InetSocketAddress address, Optional<InetSocketAddress> from, Duration timeout) {}

  /** A connection that somebody else began; belongs to the stage from now on. */
  static SocketPlan accepted(
      SocketChannel channel,
      SendMemory memory,
      SwarmSettings.Deadlines deadlines,
      Optional<PeerTls> tls,
      Executor disk) {
    return new SocketPlan(channel, null, memory, deadlines.send(), tls, disk);
  }

  /**
   * A connection that the stage begins.
   *
   * @param from the local address, if it matters
   */
  static SocketPlan dial(
      InetSocketAddress address,
      Optional<InetSocketAddress> from,
      SendMemory memory,
      SwarmSettings.Deadlines deadlines,
      Optional<PeerTls> tls,
      Executor disk) {
    Target target = new Target(address, from, deadlines.connect());
    return new SocketPlan(null, target, memory, deadlines.send(), tls, disk);
  }

  /** What its bytes pass, once {@code socket} is connected. */
  PeerWire wire(SocketChannel socket) throws IOException {
    if (tls.isEmpty()) {
      return PeerWire.plain(socket);
    }
    PeerTls with = tls.get();
    return TlsWire.begin(
        socket, target == null ? with.accepting() : with.dialling(target.address), with);
  }
}
