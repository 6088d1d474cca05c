package io.layercast.bootstrap.node;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes as people write it: {@code 512MiB} (powers of 1024), {@code 100MB} (powers of
 * 1000), {@code 1.5GB}, {@code 4096}. With {@code /s} at the end it is a rate.
 */
public record DataSize(long bytes) {
  private static final Pattern GRAMMAR =
      Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,6})?)\\s*([A-Za-z]*)");
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", 1L),
          Map.entry("b", 1L),
          Map.entry("kb", 1_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("tb", 1_000_000_000_000L),
          Map.entry("kib", 1L << 10),
          Map.entry("mib", 1L << 20),
          Map.entry("gib", 1L << 30),
          Map.entry("tib", 1L << 40));

  public DataSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a negative number of bytes: " + bytes);
    }
  }

  /**
   * The size written {@code text}.
   *
   * @throws IllegalArgumentException when it is none, with what would be one
   */
  public static DataSize parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text.strip());
    Long unit = matcher.matches() ? UNITS.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      throw new IllegalArgumentException(
          "'%s' is not a size; write for example 512MiB, 100MB or 4096".formatted(text));
    }
    try {
      long bytes =
          new BigDecimal(matcher.group(1))
              .multiply(BigDecimal.valueOf(unit))
              .toBigInteger()
              .longValueExact();
      return new DataSize(bytes);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("'%s' is more than 8 EiB".formatted(text), e);
    }
  }

  /**
   * The rate written {@code text}, in bytes per second: a size, {@code /s} at its end or not; 0 is
   * unlimited.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static DataSize parseRate(String text) {
    String size = text.strip();
    try {
      return parse(size.endsWith("/s") ? size.substring(0, size.length() - 2) : size);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is not a rate; write for example 100MB/s, 20MiB/s or 0 for unlimited"
              .formatted(text),
          e);
    }
  }

  /** As shown to people, powers of 1000: {@code 536.9 MB}. */
  @Override
  public String toString() {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
  }
}
