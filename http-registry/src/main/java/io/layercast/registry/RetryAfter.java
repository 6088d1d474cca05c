package io.layercast.registry;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** Reads Retry-After (RFC 9110, 10.2.3): seconds or an HTTP date. */
final class RetryAfter {
  private static final int MAX_SECONDS_DIGITS = 9;

  private RetryAfter() {}

  /** How long to wait from {@code now}: never negative, never above {@code max}. */
  static Optional<Duration> parse(String header, Instant now, Duration max) {
    String text = header.strip();
    Duration wait;
    if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      wait = text.length() > MAX_SECONDS_DIGITS ? max : Duration.ofSeconds(Long.parseLong(text));
    } else {
      try {
        ZonedDateTime date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
        wait = Duration.between(now, date.toInstant());
      } catch (DateTimeException _) {
        return Optional.empty();
      }
    }
    if (wait.isNegative()) {
      return Optional.of(Duration.ZERO);
    }
    return Optional.of(wait.compareTo(max) > 0 ? max : wait);
  }
}
