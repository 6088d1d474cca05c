/**
 * The registry front that container runtimes pull from, the upstream client behind it, who may read
 * what, and the HTTP API between agents and proxies.
 */
@NullMarked
package io.layercast.registry;

import org.jspecify.annotations.NullMarked;
