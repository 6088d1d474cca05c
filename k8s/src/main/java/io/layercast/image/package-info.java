/** Makes the container image that the manifests beside this run. */
@NullMarked
package io.layercast.image;

import org.jspecify.annotations.NullMarked;
