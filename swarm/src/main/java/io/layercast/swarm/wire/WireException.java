package io.layercast.swarm.wire;

/** A peer broke the protocol; its connection is to be closed, nobody else's. */
public final class WireException extends Exception {
  public WireException(String message) {
    super(message);
  }

  public WireException(String message, Throwable cause) {
    super(message, cause);
  }
}
