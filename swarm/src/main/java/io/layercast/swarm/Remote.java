package io.layercast.swarm;

import io.layercast.swarm.wire.PeerId;
import java.net.InetSocketAddress;

/**
 * Who is at the other end.
 *
 * @param address where it accepts connections, as far as known; else where this one comes from
 * @param dialled whether we dialled
 * @param foreign whether it is a standard client on an alias
 */
public record Remote(PeerId peerId, InetSocketAddress address, boolean dialled, boolean foreign) {}
