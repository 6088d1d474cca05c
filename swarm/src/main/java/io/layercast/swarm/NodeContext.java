package io.layercast.swarm;

import akka.actor.typed.ActorRef;
import io.layercast.engine.PieceBuffers;
import io.layercast.engine.rate.RateLimiter;
import io.layercast.swarm.wire.PeerId;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;

/**
 * What all connections of a node share.
 *
 * @param advertised where other nodes reach this one
 * @param disk where hashing and files belong
 * @param buffers memory for pieces that come in
 * @param sendBuffers memory for blocks that go out
 * @param upload limits what goes out
 */
record NodeContext(
    SwarmSettings settings,
    PeerId peerId,
    InetSocketAddress advertised,
    Executor disk,
    PieceBuffers buffers,
    PieceBuffers sendBuffers,
    RateLimiter upload,
    ActorRef<UploadDesk.Command> desk,
    Admission admission) {}
