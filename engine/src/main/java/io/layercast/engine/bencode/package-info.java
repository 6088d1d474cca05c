/** Bencoding (BEP 3), bounded; used on the peer wire and at the tracker. */
@NullMarked
package io.layercast.engine.bencode;

import org.jspecify.annotations.NullMarked;
