package io.layercast.bootstrap.node;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;

/** The end of a member that is to begin again as a new one; an Akka member cannot do both. */
final class Rejoin {
  private enum Reason implements CoordinatedShutdown.Reason {
    ANOTHER_CLUSTER
  }

  private Rejoin() {}

  /** Ends {@code system} in order, for its cluster gives way to another. */
  static void ask(ActorSystem<?> system) {
    var _ = CoordinatedShutdown.get(system).runAll(Reason.ANOTHER_CLUSTER);
  }

  /** Whether {@code system} ended for that, or because the others have put it out. */
  static boolean asked(ActorSystem<?> system) {
    return CoordinatedShutdown.get(system)
        .getShutdownReason()
        .filter(reason ->
            reason.equals(Reason.ANOTHER_CLUSTER)
                || reason.equals(CoordinatedShutdown.clusterDowningReason()))
        .isPresent();
  }
}
