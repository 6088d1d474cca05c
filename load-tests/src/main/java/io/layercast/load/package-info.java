/**
 * Black-box proof against running processes: real registries, clients and roles, started and ended
 * here, spoken to only through their ports and files.
 */
@NullMarked
package io.layercast.load;

import org.jspecify.annotations.NullMarked;
