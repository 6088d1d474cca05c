/** What goes over the wire between peers (docs/adr/0005-peer-wire.md): frames, codecs, metainfo. */
@NullMarked
package io.layercast.swarm.wire;

import org.jspecify.annotations.NullMarked;
