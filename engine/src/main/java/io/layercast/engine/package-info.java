/**
 * The domain of a layer and the actors that handle one; what lies outside (origin, peers, peer
 * directory, proxies) is a port here and is implemented by the modules around.
 */
@NullMarked
package io.layercast.engine;

import org.jspecify.annotations.NullMarked;
