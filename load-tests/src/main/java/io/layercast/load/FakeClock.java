package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;

/**
 * The time of day that one process is told, by Debian's libfaketime: it can be set while the
 * process runs. What the process measures time with, CLOCK_MONOTONIC, goes on as it does when a
 * node's clock is set.
 */
final class FakeClock {
  private static final String LIBRARY = "/usr/$LIB/faketime/libfaketimeMT.so.1";

  private final Path file;

  /**
   * @param file holds the offset from now on
   */
  FakeClock(Path file) throws IOException {
    this.file = file;
    set(Duration.ZERO);
  }

  /** What the process must find in its environment. */
  Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD", LIBRARY,
        "FAKETIME_TIMESTAMP_FILE", file.toString(),
        "FAKETIME_NO_CACHE", "1",
        "DONT_FAKE_MONOTONIC", "1",
        // Its repair of waits against CLOCK_MONOTONIC, which the JVM's are, ends them at once.
        "FAKETIME_FORCE_MONOTONIC_FIX", "0");
  }

  /** So far from the machine's clock, at once. */
  void set(Duration offset) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.writeString(next, (offset.isNegative() ? "" : "+") + offset.toSeconds() + "\n");
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
