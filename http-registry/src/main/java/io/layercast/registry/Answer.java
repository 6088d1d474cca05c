package io.layercast.registry;

import akka.util.ByteString;
import io.layercast.engine.Refusal;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What came of asking upstream for something that fits in memory. */
sealed interface Answer {
  /**
   * A 2xx.
   *
   * @param headers those that the front relays, by their canonical names
   * @param lengthBytes of the body, or of what a GET would have brought
   * @param body empty after HEAD
   */
  record Document(
      int status,
      String contentType,
      Map<String, List<String>> headers,
      OptionalLong lengthBytes,
      ByteString body)
      implements Answer {

    /** The only value of a header, or an empty text. */
    String header(String name) {
      List<String> values = headers.getOrDefault(name, List.of());
      return values.isEmpty() ? "" : values.getFirst();
    }
  }

  /** The origin's no. */
  record Refused(Refusal refusal) implements Answer {}

  /** No usable answer, and why. */
  record Unavailable(String cause) implements Answer {}
}
