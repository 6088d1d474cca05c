/** A fleet in virtual time on the policy classes that nodes and trackers run. */
@NullMarked
package io.layercast.load.simulation;

import org.jspecify.annotations.NullMarked;
