@NullMarked
package io.layercast.load;

import org.jspecify.annotations.NullMarked;
