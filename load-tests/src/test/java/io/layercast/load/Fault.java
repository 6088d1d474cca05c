package io.layercast.load;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** What one test measured of its fault; what it does not tell is not in the table. */
final class Fault {
  private Optional<Duration> stall = Optional.empty();
  private OptionalLong refetchedBytes = OptionalLong.empty();
  private String remark = "";

  /** The longest pause of a pull that the fault was to disturb. */
  Fault stalled(Duration longest) {
    stall = Optional.of(longest);
    return this;
  }

  /** What was fetched although it had been fetched before. */
  Fault refetched(long bytes) {
    refetchedBytes = OptionalLong.of(Math.max(0, bytes));
    return this;
  }

  /** More of the result than the test's name says. */
  Fault remark(String text) {
    remark = text;
    return this;
  }

  String stallText() {
    return stall.map(longest -> seconds(longest.toMillis() / 1e3)).orElse("–");
  }

  String refetchedText() {
    return refetchedBytes.isPresent()
        ? String.format(Locale.ROOT, "%.1f MB", refetchedBytes.getAsLong() / 1e6)
        : "–";
  }

  String remarkText() {
    return remark.isEmpty() ? "" : " (" + remark + ")";
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.1f s", seconds);
  }
}
