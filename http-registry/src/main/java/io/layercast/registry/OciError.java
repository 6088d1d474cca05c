package io.layercast.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.layercast.engine.Refusal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Errors as the OCI distribution spec writes them ("Error Codes"): {@code {"errors":[{"code":…,
 * "message":…,"detail":…}]}}.
 */
final class OciError {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The spec's codes, and below them those that distribution adds. */
  enum Code {
    BLOB_UNKNOWN,
    DIGEST_INVALID,
    MANIFEST_INVALID,
    MANIFEST_UNKNOWN,
    NAME_INVALID,
    NAME_UNKNOWN,
    UNAUTHORIZED,
    DENIED,
    UNSUPPORTED,
    TOOMANYREQUESTS,

    TAG_INVALID,
    RANGE_INVALID,
    UNAVAILABLE,
    UNKNOWN
  }

  private OciError() {}

  /** The JSON of one error: what was tried, and why it failed. */
  static String json(Code code, String deed, String cause) {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode errors = root.putArray("errors");
    errors
        .addObject()
        .put("code", code.name())
        .put("message", "tried to %s, but failed because %s".formatted(deed, cause))
        .put("detail", cause);
    return render(root);
  }

  /** A refusal of our own making. */
  static Refusal refusal(int status, Code code, String deed, String cause) {
    return new Refusal(status, List.of(), json(code, deed, cause), 0);
  }

  /** {@code body} without anything but its errors, or empty when it is not the spec's JSON. */
  static Optional<String> relayable(byte[] body) {
    try {
      JsonNode root = JSON.readTree(body);
      if (root == null || !root.path("errors").isArray() || root.path("errors").isEmpty()) {
        return Optional.empty();
      }
      ObjectNode kept = JSON.createObjectNode();
      kept.set("errors", root.path("errors"));
      return Optional.of(render(kept));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /** Why, in the words of the first error of {@code json}; empty when it says so in no text. */
  static Optional<String> detailOf(String json) {
    try {
      JsonNode detail = JSON.readTree(json).path("errors").path(0).path("detail");
      return Optional.of(detail.asText("")).filter(text -> !text.isEmpty());
    } catch (JsonProcessingException _) {
      return Optional.empty();
    }
  }

  /** The code that goes with a status of the origin when it gave none itself. */
  static Code codeOf(int status, Code notFound) {
    return switch (status) {
      case 401 -> Code.UNAUTHORIZED;
      case 403 -> Code.DENIED;
      case 404, 410 -> notFound;
      case 405 -> Code.UNSUPPORTED;
      case 416 -> Code.RANGE_INVALID;
      case 429 -> Code.TOOMANYREQUESTS;
      case 502, 503, 504 -> Code.UNAVAILABLE;
      default -> Code.UNKNOWN;
    };
  }

  private static String render(ObjectNode node) {
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree always renders", e);
    }
  }
}
