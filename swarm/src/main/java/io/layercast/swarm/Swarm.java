package io.layercast.swarm;

import akka.actor.typed.ActorRef;
import io.layercast.engine.LayerTicket;
import io.layercast.engine.SharedBlob;
import io.layercast.engine.SwarmId;

/** One swarm this node is part of, as its connections see it. */
record Swarm(
    LayerTicket ticket, SharedBlob blob, SwarmTraffic traffic, ActorRef<BlobSwarm.Command> actor) {
  SwarmId id() {
    return ticket.swarmId();
  }
}
