/**
 * Who has what: the tracker (a cluster singleton behind HTTP announce and scrape) and the client by
 * which every node announces itself and learns its peers. Knows nothing of a layer's bytes.
 */
@NullMarked
package io.layercast.tracker;

import org.jspecify.annotations.NullMarked;
