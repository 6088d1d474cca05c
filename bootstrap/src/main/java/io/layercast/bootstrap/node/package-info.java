/** The wiring of each role: the parts of the other modules put together into one running node. */
@NullMarked
package io.layercast.bootstrap.node;

import org.jspecify.annotations.NullMarked;
