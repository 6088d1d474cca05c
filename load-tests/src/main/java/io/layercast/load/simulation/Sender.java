package io.layercast.load.simulation;

import org.jspecify.annotations.Nullable;

/** Who has blocks that are to leave a node. */
interface Sender {
  /** A block. */
  interface Parcel {
    int bytes();

    /** Whether it is the last of its piece. */
    boolean isLast();

    /** It passed the sender's limit. */
    void leave();
  }

  boolean hasBlocks();

  /** Whether it goes before those who do not pass on what they are sent. */
  boolean isAwaited();

  /** The next block to send, or null when nobody wants those any more. */
  @Nullable Parcel nextBlock();

  /** A whole piece was sent. */
  void served();
}
