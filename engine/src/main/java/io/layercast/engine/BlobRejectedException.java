package io.layercast.engine;

import java.io.IOException;

/** The bytes of a blob do not hash to its digest; none of them may be used. */
public final class BlobRejectedException extends IOException {
  BlobRejectedException(Digest digest, String cause) {
    super("tried to read " + digest + ", but it was rejected because " + cause);
  }
}
