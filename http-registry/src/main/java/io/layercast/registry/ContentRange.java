package io.layercast.registry;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Content-Range of a 206 (RFC 9110, 14.4): bytes {@code [from, to)} of a whole of {@code
 * sizeBytes}, if told.
 */
record ContentRange(long from, long to, OptionalLong sizeBytes) {
  private static final Pattern GRAMMAR =
      Pattern.compile("(?i:bytes) (\\d{1,18}+)-(\\d{1,18}+)/(\\d{1,18}+|\\*)");

  static Optional<ContentRange> parse(String header) {
    Matcher matcher = GRAMMAR.matcher(header.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long from = Long.parseLong(matcher.group(1));
    long to = Long.parseLong(matcher.group(2)) + 1;
    OptionalLong size =
        matcher.group(3).equals("*")
            ? OptionalLong.empty()
            : OptionalLong.of(Long.parseLong(matcher.group(3)));
    return to <= from || (size.isPresent() && to > size.getAsLong())
        ? Optional.empty()
        : Optional.of(new ContentRange(from, to, size));
  }

  String render() {
    return "bytes %d-%d/%s"
        .formatted(from, to - 1, sizeBytes.isPresent() ? "" + sizeBytes.getAsLong() : "*");
  }
}
