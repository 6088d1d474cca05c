package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.security.MessageDigest;
import java.time.Duration;

/**
 * Times that are promised. They are for a machine that does its work, and whose cores are not old:
 * with up to {@value #TASKS_A_CORE} tasks waiting for each core and {@value #HASHED_A_SECOND} bytes
 * of SHA-256 a second they hold as they are, else they are longer in proportion. The load is a
 * minute's mean, which is late for a neighbour that begins its work, so the classes that promise
 * are tagged {@code alone} and have none.
 */
final class Promised {
  private static final int TASKS_A_CORE = 5;
  private static final double HASHED_A_SECOND = 1.8e9;
  private static final double SLOWNESS = HASHED_A_SECOND / hashedASecond();

  private Promised() {}

  static void within(Duration promise, String what, Duration taken) {
    var system = ManagementFactory.getOperatingSystemMXBean();
    double load = system.getSystemLoadAverage() / system.getAvailableProcessors() / TASKS_A_CORE;
    double longer = Math.max(1, load) * Math.max(1, SLOWNESS);
    assertThat(taken)
        .as(
            "%s, promised within %s; times %.1f for a load of %.1f, %.1f for the cores",
            what, promise, longer, load, SLOWNESS)
        .isLessThanOrEqualTo(Duration.ofNanos((long) (promise.toNanos() * longer)));
  }

  /** At best, once it is compiled. */
  private static double hashedASecond() {
    byte[] bytes = new byte[16 * 1024 * 1024];
    MessageDigest hasher = Sha256.begin();
    double best = 0;
    for (int i = 0; i < 20; i++) {
      long begun = System.nanoTime();
      hasher.update(bytes);
      best = Math.max(best, bytes.length * 1e9 / (System.nanoTime() - begun));
    }
    return best;
  }
}
