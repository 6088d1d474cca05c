package io.layercast.tracker;

import io.layercast.engine.SwarmId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The info hashes of torrents made for standard clients, and the swarms they stand for. */
final class AliasTable {
  private record Target(SwarmId swarm, long expiresNanos) {}

  private final int limit;
  private final Map<SwarmId, Target> targets = new HashMap<>();

  AliasTable(int limit) {
    this.limit = limit;
  }

  /** Registers or prolongs; false when the table is full. */
  boolean put(SwarmId alias, SwarmId swarm, long expiresNanos) {
    if (!targets.containsKey(alias) && targets.size() >= limit) {
      return false;
    }
    targets.put(alias, new Target(swarm, expiresNanos));
    return true;
  }

  Optional<SwarmId> resolve(SwarmId alias, long nowNanos) {
    return Optional.ofNullable(targets.get(alias))
        .filter(target -> target.expiresNanos > nowNanos)
        .map(Target::swarm);
  }

  void expire(long nowNanos) {
    targets.values().removeIf(target -> target.expiresNanos <= nowNanos);
  }
}
