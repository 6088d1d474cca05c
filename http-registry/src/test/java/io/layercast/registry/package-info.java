/** Tests of the registry front and the fakes they share. */
@NullMarked
package io.layercast.registry;

import org.jspecify.annotations.NullMarked;
