package io.layercast.registry;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a Range header asks of a blob whose size is known (RFC 9110, 14.1.2 and 14.2). What is not
 * one well-formed range of bytes is ignored, as the RFC allows: the answer is then the whole.
 */
sealed interface ByteRange {
  /** Everything, with 200. */
  record Whole() implements ByteRange {}

  /** Bytes {@code [from, to)}, not empty, with 206. */
  record Part(long from, long to) implements ByteRange {}

  /** Nothing of it exists: 416. */
  record Unsatisfiable() implements ByteRange {}

  Pattern SINGLE = Pattern.compile("(?i:bytes)=[ \t]*+(\\d{0,19}+)-(\\d{0,19}+)[ \t]*+");

  static ByteRange parse(Optional<String> header, long sizeBytes) {
    Matcher matcher = SINGLE.matcher(header.orElse(""));
    if (!matcher.matches()) {
      return new Whole();
    }
    String first = matcher.group(1);
    String last = matcher.group(2);
    if (first.isEmpty()) {
      return last.isEmpty() ? new Whole() : suffix(number(last), sizeBytes);
    }
    long from = number(first);
    long lastByte = last.isEmpty() ? Long.MAX_VALUE : number(last);
    if (lastByte < from) {
      return new Whole();
    }
    if (from >= sizeBytes) {
      return new Unsatisfiable();
    }
    return new Part(from, lastByte >= sizeBytes ? sizeBytes : lastByte + 1);
  }

  private static ByteRange suffix(long length, long sizeBytes) {
    return length == 0 || sizeBytes == 0
        ? new Unsatisfiable()
        : new Part(Math.max(0, sizeBytes - length), sizeBytes);
  }

  /** Up to 19 digits; what no long holds is farther than any blob. */
  private static long number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException _) {
      return Long.MAX_VALUE;
    }
  }
}
