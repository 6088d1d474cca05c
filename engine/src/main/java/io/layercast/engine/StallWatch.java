package io.layercast.engine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Decides which piece a reader has waited for too long. Pure: time comes in. */
final class StallWatch {
  private final Map<Integer, Long> waitingSince = new HashMap<>();

  /**
   * The piece that is waited for longest, if that is longer than the deadline.
   *
   * @param waitedFor the pieces that readers wait for now
   */
  Optional<Integer> longest(List<Integer> waitedFor, long nowNanos, long deadlineNanos) {
    waitingSince.keySet().retainAll(waitedFor);
    waitedFor.forEach(piece -> waitingSince.putIfAbsent(piece, nowNanos));
    return waitingSince.entrySet().stream()
        .filter(wait -> nowNanos - wait.getValue() > deadlineNanos)
        .min(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey);
  }
}
