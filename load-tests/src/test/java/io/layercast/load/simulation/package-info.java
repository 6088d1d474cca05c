@NullMarked
package io.layercast.load.simulation;

import org.jspecify.annotations.NullMarked;
