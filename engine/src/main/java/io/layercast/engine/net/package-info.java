/** Sockets that the streams of connections read and write themselves, on one thread a port. */
@NullMarked
package io.layercast.engine.net;

import org.jspecify.annotations.NullMarked;
