package io.layercast.engine;

import java.io.IOException;

/** A piece that a reader waits for cannot be stored on this node; its bytes must go around it. */
public final class BlobUnstorableException extends IOException {
  BlobUnstorableException(Digest digest, IOException cause) {
    super("tried to store a piece of " + digest + ", but failed because " + cause, cause);
  }
}
