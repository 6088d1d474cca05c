/** The demo: an origin with a made-up image, the processes around it, and a pull on all agents. */
@NullMarked
package io.layercast.bootstrap.demo;

import org.jspecify.annotations.NullMarked;
