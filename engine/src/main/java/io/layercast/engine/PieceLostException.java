package io.layercast.engine;

import java.io.IOException;

/** A piece that was here when its bytes were promised is gone; it may come again. */
final class PieceLostException extends IOException {
  private static final long serialVersionUID = 1L;

  PieceLostException(String message) {
    super(message);
  }

  PieceLostException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
