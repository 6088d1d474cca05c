package io.layercast.load.simulation;

import org.jspecify.annotations.Nullable;

/** Something that is due; it stands in the {@link Agenda} at most once at a time. */
abstract class Event {
  /** When, and the how-many-th that was put down: the agenda's. */
  long timeNanos;

  long order;

  /** The one that was put down before for the same day. */
  @Nullable Event before;

  abstract void happen();
}
