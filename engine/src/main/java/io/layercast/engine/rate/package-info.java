/** The node-wide byte rate limits and the stream stage that applies them. */
@NullMarked
package io.layercast.engine.rate;

import org.jspecify.annotations.NullMarked;
