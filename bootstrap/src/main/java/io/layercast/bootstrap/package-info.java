/**
 * The command line: options and files become configuration, configuration becomes running nodes.
 */
@NullMarked
package io.layercast.bootstrap;

import org.jspecify.annotations.NullMarked;
