/** Numbers for Prometheus: read where they are counted anyway, at the moment somebody asks. */
@NullMarked
package io.layercast.bootstrap.metrics;

import org.jspecify.annotations.NullMarked;
