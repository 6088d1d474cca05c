/** The blobs and manifests on this node's disk, each byte with the checksum that proves it. */
@NullMarked
package io.layercast.engine.store;

import org.jspecify.annotations.NullMarked;
