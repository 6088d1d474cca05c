package io.layercast.engine.store;

import java.io.IOException;

/** What stands on disk is not what this store writes; other trouble with it is not this. */
final class DamagedException extends IOException {
  private static final long serialVersionUID = 1;

  DamagedException(String message) {
    super(message);
  }

  DamagedException(String message, Throwable cause) {
    super(message, cause);
  }
}
