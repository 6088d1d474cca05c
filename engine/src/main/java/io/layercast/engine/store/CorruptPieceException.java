package io.layercast.engine.store;

import java.io.IOException;

/**
 * What the disk holds of a piece is not what was stored. The piece has left the store; fetch it
 * again.
 */
public final class CorruptPieceException extends IOException {
  private static final long serialVersionUID = 1;

  CorruptPieceException(String message, Throwable cause) {
    super(message, cause);
  }

  CorruptPieceException(String message) {
    super(message);
  }
}
