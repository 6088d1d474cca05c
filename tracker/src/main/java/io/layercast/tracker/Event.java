package io.layercast.tracker;

import java.util.Locale;
import java.util.Optional;

/** Why a peer announces (BEP 3). */
public enum Event {
  /** The interval is over, or more peers are wanted. */
  NONE,
  STARTED,
  COMPLETED,
  STOPPED;

  /** The event named {@code text} on the wire; empty and unknown names are {@link #NONE}. */
  static Event parse(Optional<String> text) {
    return switch (text.orElse("")) {
      case "started" -> STARTED;
      case "completed" -> COMPLETED;
      case "stopped" -> STOPPED;
      default -> NONE;
    };
  }

  String wireName() {
    return this == NONE ? "" : name().toLowerCase(Locale.ROOT);
  }
}
