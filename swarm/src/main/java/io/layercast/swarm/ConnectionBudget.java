package io.layercast.swarm;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** How many connections are open and how many of them have proven nothing yet. Thread-safe. */
final class ConnectionBudget {
  private static final class Count {
    int open;
    int greeting;
  }

  private final SwarmSettings.Connections limits;
  private final Map<InetAddress, Count> byAddress = new HashMap<>();
  private final Count all = new Count();

  ConnectionBudget(SwarmSettings.Connections limits) {
    this.limits = limits;
  }

  /** One connection's share; {@link #close} gives it back. */
  final class Permit implements AutoCloseable {
    private final InetAddress address;
    private boolean greeting = true;
    private boolean open = true;

    private Permit(InetAddress address) {
      this.address = address;
    }

    /** The peer belongs: it no longer counts as a handshake. */
    void greeted() {
      synchronized (ConnectionBudget.this) {
        if (greeting && open) {
          greeting = false;
          change(address, 0, -1);
        }
      }
    }

    @Override
    public void close() {
      synchronized (ConnectionBudget.this) {
        if (open) {
          open = false;
          change(address, -1, greeting ? -1 : 0);
        }
      }
    }
  }

  /** A connection with {@code address}, or empty when that would be one too many. */
  synchronized Optional<Permit> enter(InetAddress address) {
    Count own = byAddress.getOrDefault(address, new Count());
    if (all.open >= limits.max()
        || all.greeting >= limits.maxHandshakes()
        || own.open >= limits.maxPerAddress()
        || own.greeting >= limits.maxHandshakesPerAddress()) {
      return Optional.empty();
    }
    change(address, 1, 1);
    return Optional.of(new Permit(address));
  }

  synchronized int open() {
    return all.open;
  }

  private void change(InetAddress address, int open, int greeting) {
    Count own = byAddress.computeIfAbsent(address, _ -> new Count());
    own.open += open;
    own.greeting += greeting;
    all.open += open;
    all.greeting += greeting;
    if (own.open == 0) {
      byAddress.remove(address);
    }
  }
}
