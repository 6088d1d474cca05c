package io.layercast.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One challenge of a WWW-Authenticate header (RFC 9110, 11.2 and 11.6.1).
 *
 * <pre>
 * challenge  = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
 * auth-param = token BWS "=" BWS ( token / quoted-string )
 * </pre>
 *
 * @param scheme as it came; compare without case
 * @param token68 instead of parameters, as some schemes have it
 * @param parameters by lower-case name, in order, values unquoted
 */
record Challenge(String scheme, Optional<String> token68, Map<String, String> parameters) {
  private static final int MAX_CHALLENGES = 16;

  /** A challenge with parameters. */
  static Challenge of(String scheme, Map<String, String> parameters) {
    return new Challenge(scheme, Optional.empty(), new LinkedHashMap<>(parameters));
  }

  /** Every challenge of one header's value, or none when any part of it is malformed. */
  static List<Challenge> parse(String header) {
    return new Parser(header).challenges();
  }

  boolean isBearer() {
    return scheme.equalsIgnoreCase("Bearer");
  }

  Optional<String> realm() {
    return Optional.ofNullable(parameters.get("realm"));
  }

  /** The same with another realm. */
  Challenge withRealm(String realm) {
    Map<String, String> changed = new LinkedHashMap<>(parameters);
    changed.put("realm", realm);
    return of(scheme, changed);
  }

  /** The header's value for this challenge alone; every parameter quoted. */
  String render() {
    if (token68.isPresent()) {
      return scheme + " " + token68.get();
    }
    if (parameters.isEmpty()) {
      return scheme;
    }
    return parameters.entrySet().stream()
        .map(entry -> entry.getKey() + "=\"" + escape(entry.getValue()) + "\"")
        .collect(Collectors.joining(",", scheme + " ", ""));
  }

  private static String escape(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  /** Reads left to right; throws away everything at the first thing the grammar does not have. */
  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    List<Challenge> challenges() {
      List<Challenge> found = new ArrayList<>();
      skipCommas();
      while (at < text.length()) {
        Optional<Challenge> next = challenge();
        if (next.isEmpty() || found.size() == MAX_CHALLENGES) {
          return List.of();
        }
        found.add(next.get());
        skipCommas();
      }
      return found;
    }

    private Optional<Challenge> challenge() {
      String scheme = token();
      if (scheme.isEmpty()) {
        return Optional.empty();
      }
      if (at == text.length() || peek() == ',') {
        return Optional.of(of(scheme, Map.of()));
      }
      if (peek() != ' ') {
        return Optional.empty();
      }
      skipSpace();
      Optional<String> token68 = token68();
      if (token68.isPresent()) {
        return Optional.of(new Challenge(scheme, token68, Map.of()));
      }
      Map<String, String> parameters = new LinkedHashMap<>();
      while (true) {
        if (at < text.length() && peek() != ',' && !parameter(parameters)) {
          return Optional.empty();
        }
        skipSpace();
        if (at < text.length() && peek() != ',') {
          return Optional.empty();
        }
        skipCommas();
        if (at == text.length() || !parameterFollows()) {
          return Optional.of(of(scheme, parameters));
        }
      }
    }

    private boolean parameter(Map<String, String> into) {
      String name = token().toLowerCase(Locale.ROOT);
      skipSpace();
      if (name.isEmpty() || at == text.length() || peek() != '=') {
        return false;
      }
      at++;
      skipSpace();
      Optional<String> value =
          at < text.length() && peek() == '"' ? quoted() : Optional.of(token());
      boolean isQuotedOrFilled =
          value.isPresent() && (!value.get().isEmpty() || text.charAt(at - 1) == '"');
      return isQuotedOrFilled && into.putIfAbsent(name, value.get()) == null;
    }

    /** Whether another parameter of the same challenge stands here, rather than a new scheme. */
    private boolean parameterFollows() {
      int start = at;
      boolean named = !token().isEmpty();
      skipSpace();
      boolean follows = named && at < text.length() && peek() == '=';
      at = start;
      return follows;
    }

    private Optional<String> token68() {
      int start = at;
      while (at < text.length() && (isAlphanumeric(peek()) || "-._~+/".indexOf(peek()) >= 0)) {
        at++;
      }
      boolean filled = at > start;
      while (at < text.length() && peek() == '=') {
        at++;
      }
      int end = at;
      skipSpace();
      if (filled && (at == text.length() || peek() == ',')) {
        return Optional.of(text.substring(start, end));
      }
      at = start;
      return Optional.empty();
    }

    private Optional<String> quoted() {
      StringBuilder value = new StringBuilder();
      at++;
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == '"') {
          return Optional.of(value.toString());
        }
        if (c == '\\') {
          if (at == text.length()) {
            return Optional.empty();
          }
          c = text.charAt(at++);
        }
        if (c != '\t' && (c < ' ' || c == 0x7f)) {
          return Optional.empty();
        }
        value.append(c);
      }
      return Optional.empty();
    }

    private String token() {
      int start = at;
      while (at < text.length() && isTokenChar(peek())) {
        at++;
      }
      return text.substring(start, at);
    }

    private void skipCommas() {
      while (at < text.length() && (peek() == ',' || isSpace(peek()))) {
        at++;
      }
    }

    private void skipSpace() {
      while (at < text.length() && isSpace(peek())) {
        at++;
      }
    }

    private char peek() {
      return text.charAt(at);
    }

    private static boolean isSpace(char c) {
      return c == ' ' || c == '\t';
    }

    private static boolean isAlphanumeric(char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static boolean isTokenChar(char c) {
      return isAlphanumeric(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
  }
}
