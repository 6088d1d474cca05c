package io.layercast.swarm;

import akka.actor.typed.ActorRef;
import io.layercast.engine.PieceBuffers;
import io.layercast.swarm.wire.PeerId;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;

/**
 * What all connections of a node share.
 *
 * @param advertised where other nodes reach this one
 * @param disk where hashing and files belong
 */
record NodeContext(
    SwarmSettings settings,
    PeerId peerId,
    InetSocketAddress advertised,
    Executor disk,
    PieceBuffers buffers,
    ActorRef<UploadDesk.Command> desk,
    Admission admission) {}
