/**
 * The BitTorrent peer protocol on Akka Streams TCP: sessions, and the decisions what to fetch from
 * whom and whom to serve. Knows layers by {@link io.layercast.engine.SharedBlob} only.
 */
@NullMarked
package io.layercast.swarm;

import org.jspecify.annotations.NullMarked;
