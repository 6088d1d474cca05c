package io.layercast.registry;

import akka.http.javadsl.model.HttpResponse;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What the origin, and the stores it redirects to, have answered to one client, redirects and token
 * requests excepted, and the layer bytes they have sent. Thread-safe.
 */
public final class OriginCounts {
  /** The statuses registries answer with; any other is counted by its hundred. */
  private static final int[] STATUSES = {
    200, 206, 400, 401, 403, 404, 405, 416, 429, 500, 502, 503, 504
  };

  private static final String NO_ANSWER = "none";

  private final Map<String, LongAdder> answers = new TreeMap<>();
  private final LongAdder layerBytes = new LongAdder();

  OriginCounts() {
    for (int status : STATUSES) {
      answers.put(Integer.toString(status), new LongAdder());
    }
    for (int hundred = 1; hundred <= 5; hundred++) {
      answers.put(hundred + "xx", new LongAdder());
    }
    answers.put(NO_ANSWER, new LongAdder());
  }

  /** How often each status came, by its name: {@code 200}, {@code 4xx} for others, {@code none}. */
  public Map<String, LongAdder> answers() {
    return Map.copyOf(answers);
  }

  /** Bytes of layers, those that were thrown away later included. */
  public long layerBytes() {
    return layerBytes.sum();
  }

  void answered(@Nullable HttpResponse response) {
    String name = response == null ? NO_ANSWER : Integer.toString(response.status().intValue());
    LongAdder count = answers.get(name);
    if (count == null) {
      count = answers.get(name.charAt(0) + "xx");
    }
    if (count != null) {
      count.increment();
    }
  }

  void layerBytes(long bytes) {
    layerBytes.add(bytes);
  }
}
