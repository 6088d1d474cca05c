package io.layercast.engine;

import java.util.List;

/**
 * The origin's "no" as the caller should hear it.
 *
 * @param status the HTTP status, 400 to 599
 * @param challenges WWW-Authenticate values, already rewritten to our own token route
 * @param body the OCI error JSON, ours where the origin gave none
 * @param retryAfterSeconds of a 429 or 503; 0 when the origin named none
 */
public record Refusal(int status, List<String> challenges, String body, int retryAfterSeconds) {
  public Refusal {
    challenges = List.copyOf(challenges);
  }
}
