package io.layercast.swarm;

import io.layercast.engine.SwarmId;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Finds what an incoming connection asks for. */
@FunctionalInterface
interface Admission {
  /** The swarm that goes by this info hash here, or empty. The stage fails never. */
  CompletionStage<Optional<Entrance>> find(SwarmId infoHash);

  /**
   * Where a connection leads.
   *
   * @param alias the info hash it was asked by, where that is not the swarm's own id
   */
  record Entrance(Swarm swarm, Optional<SwarmId> alias) {}
}
