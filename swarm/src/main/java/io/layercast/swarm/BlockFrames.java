package io.layercast.swarm;

import akka.util.ByteString;

/**
 * PIECE frames on their way out, whole ones.
 *
 * @param bytes the frames one after another
 * @param layerBytes what of them is a layer's: all but the heads
 */
record BlockFrames(ByteString bytes, int layerBytes) {}
