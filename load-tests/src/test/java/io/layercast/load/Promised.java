package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * Times that are promised. They are for a machine that does its work: with up to {@value
 * #TASKS_A_CORE} tasks waiting for each core they hold as they are, with more they are longer in
 * proportion.
 */
final class Promised {
  private static final int TASKS_A_CORE = 5;

  private Promised() {}

  static void within(Duration promise, String what, Duration taken) {
    var system = ManagementFactory.getOperatingSystemMXBean();
    double load = system.getSystemLoadAverage() / system.getAvailableProcessors() / TASKS_A_CORE;
    assertThat(taken)
        .as("%s, promised within %s on an idle machine, %.1f times that here", what, promise, load)
        .isLessThanOrEqualTo(Duration.ofNanos((long) (promise.toNanos() * Math.max(1, load))));
  }
}
