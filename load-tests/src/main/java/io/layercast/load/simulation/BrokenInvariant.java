package io.layercast.load.simulation;

/** Something happened in a simulated fleet that never may. */
final class BrokenInvariant extends IllegalStateException {
  private static final long serialVersionUID = 1;

  BrokenInvariant(String message) {
    super(message);
  }
}
