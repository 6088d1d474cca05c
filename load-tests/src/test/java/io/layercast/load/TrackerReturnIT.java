package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** All that a big installation's agents know comes back to a tracker that knows nothing. */
@FaultSuite
@Tag("long")
final class TrackerReturnIT {
  private static final int ADDRESSES = 20;
  private static final int AGENTS = 1_000;
  private static final int BLOBS = 500;

  /** One announce interval, as is promised. */
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Test
  void trackerKilledOfAThousandAgentsWithFiveHundredBlobs_knowsThemAllAgain(
      Workplace workplace, Fault fault) throws IOException, InterruptedException {
    List<String> addresses = Stream.generate(workplace::address).limit(ADDRESSES).toList();
    String metrics = Workplace.freePort(workplace.address(), 9407);
    Stack stack =
        Stack.before(workplace, "http://127.0.0.1:1").tracker("--metrics", metrics).start();
    Role tracker = stack.tracker();
    AnnounceRequests swarms = AnnounceRequests.of(stack.clusterKey(), BLOBS);
    tracker.kill();
    tracker.start();
    tracker.awaitReady();

    long start = System.nanoTime();
    AnnounceLoad.Outcome outcome =
        new AnnounceLoad(tracker.address(), addresses, true)
            .saturate(
                (address, number) ->
                    number < AGENTS / ADDRESSES
                        ? swarms.inventory(address * 1_000 + number, 10_000 + number)
                        : new byte[0],
                LIMIT);
    assertThat(outcome.answers()).as("inventories taken").isEqualTo(AGENTS);
    Wait.until(
        "all to be known",
        LIMIT,
        () -> MetricsPage.of(metrics).value("layercast_tracker_peers") == (double) AGENTS * BLOBS);
    double whole = (System.nanoTime() - start) / 1e9;

    assertThat(tracker.program().isRunning()).isTrue();
    fault.remark(
        "whole after %.1f s, an inventory within %.0f ms, %.0f MiB"
            .formatted(whole, outcome.percentileMillis(1), tracker.program().use().rssMib()));
  }
}
