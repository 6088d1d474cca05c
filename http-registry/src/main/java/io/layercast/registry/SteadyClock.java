package io.layercast.registry;

import java.time.Instant;
import java.time.InstantSource;

/** The time at which it was made and what has passed since, whatever the node's clock is set to. */
final class SteadyClock implements InstantSource {
  private final Instant start = Instant.now();
  private final long startNanos = System.nanoTime();

  @Override
  public Instant instant() {
    return start.plusNanos(System.nanoTime() - startNanos);
  }
}
