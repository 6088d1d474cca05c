package io.layercast.load;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A count of bytes as people write it: {@code 1GiB}, {@code 512 MiB}, {@code 40MB}, {@code 17}. */
record ByteSize(long bytes) {
  private static final Pattern FORM = Pattern.compile("(\\d+) ?([kmg]i?)?b?");
  private static final Map<String, Long> UNITS =
      Map.of(
          "k",
          1_000L,
          "m",
          1_000_000L,
          "g",
          1_000_000_000L,
          "ki",
          1L << 10,
          "mi",
          1L << 20,
          "gi",
          1L << 30);

  /**
   * @throws IllegalArgumentException for anything else
   */
  static ByteSize parse(String text) {
    Matcher form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!form.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a size such as 1GiB or 40MB");
    }
    String unit = form.group(2);
    long factor = unit == null ? 1 : UNITS.getOrDefault(unit, 1L);
    return new ByteSize(Math.multiplyExact(Long.parseLong(form.group(1)), factor));
  }
}
