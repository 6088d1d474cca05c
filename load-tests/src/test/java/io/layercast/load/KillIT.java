package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code kill -9}, or a SIGTERM, in the middle of a pull. */
@FaultSuite
@Tag("alone")
final class KillIT {
  private static final String REPOSITORY = "library/slow";
  private static final long MIB = 1024 * 1024;

  /** The layout of a layer of this size, by the rule of PieceLayout. */
  private static final long PIECE_BYTES = MIB;

  /** {@code mvn -Dlayercast.take-over-mib=1024 …} for the size that is promised something of. */
  private static final long TAKE_OVER_MIB = Long.getLong("layercast.take-over-mib", 160);

  /** What the layer comes at from the origin; both agents follow at that rate. */
  private static final long ORIGIN_RATE = 20_000_000;

  /**
   * What may be fetched twice whatever agents hold: of each of four connections the piece it was in
   * the middle of and what was on the way.
   */
  private static final long FETCHED_TWICE = 4 * 2 * MIB;

  /** terminationGracePeriodSeconds of an agent's pod; after it kubelet kills. */
  private static final Duration POD_GRACE = Duration.ofSeconds(15);

  /** What is promised of a proxy that is killed: until bytes come again. */
  static final Duration HAND_OVER = Duration.ofSeconds(20);

  /** What is promised to a pull that runs when the tracker dies. */
  static final Duration WITHOUT_TRACKER = Duration.ofSeconds(2);

  /** What is promised of an agent that is replaced. */
  private static final Duration PORT_CLOSED = Duration.ofSeconds(3);

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static FarOrigin origin;
  private static Stack stack;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    List<Long> sizes = List.of(48 * MIB, TAKE_OVER_MIB * MIB, 5 * MIB, 128 * MIB, 12 * MIB);
    origin = FarOrigin.start(workplace, REPOSITORY, 6, sizes);
    stack =
        origin.stack().proxy().proxy().agent("--download-rate", "16MB/s").agent().agent().start();
  }

  @Test
  void agentKilledAtHalfALayer_fetchesOnlyTheRestAgain(Fault fault) throws Exception {
    Blob layer = origin.layer(0);
    Role agent = stack.agent(0);
    long half = layer.sizeBytes() / 2;
    RunningPull first = RunningPull.start(agent, REPOSITORY, layer).awaitBytes(half);
    agent.kill();
    assertThat(first.outcome(PATIENCE)).isInstanceOf(Puller.Broken.class);

    agent.start();
    agent.awaitReady();
    Puller.create().mustPull(agent.url(), REPOSITORY, layer);

    // Every whole piece the client had seen was proven on disk; the one it was in the middle of
    // and those that were under way may come again.
    long received = agent.traffic().received(); // of this life
    fault.refetched(received - (layer.sizeBytes() - first.bytes()));
    assertThat(received).isLessThanOrEqualTo(layer.sizeBytes() - half + 2 * PIECE_BYTES);
  }

  /** As kubelet replaces a pod: the next process starts when the last one has ended. */
  @Test
  void agentReplacedWithinAPull_itsPortIsClosedShortlyAndTheRetryGoesOn(Fault fault)
      throws Exception {
    Blob layer = origin.layer(3); // of which its grace is too short for the rest
    Role agent = stack.agent(0);
    RunningPull first = RunningPull.start(agent, REPOSITORY, layer).awaitBytes(16 * MIB);
    long asked = System.nanoTime();
    try (PortWatch port = PortWatch.start(agent.address())) {
      agent.program().askToStop();
      agent.program().join(POD_GRACE);
      long ended = System.nanoTime();
      agent.start();
      agent.awaitReady();
      assertThat(first.outcome(PATIENCE)).isInstanceOf(Puller.Broken.class);
      Puller.create().mustPull(agent.url(), REPOSITORY, layer);
      Duration closed = port.longestWithoutListener();
      fault.stalled(closed).remark("%.1f s of it to end".formatted((ended - asked) / 1e9));
      Promised.within(PORT_CLOSED, "without a listener", closed);
    }

    long received = agent.traffic().received(); // of this life
    long rest = layer.sizeBytes() - first.bytes();
    fault.refetched(received - rest);
    assertThat(received).isLessThanOrEqualTo(rest + 2 * PIECE_BYTES);
  }

  @Test
  void proxyKilledWhileItIngests_theOtherTakesOverWithWhatAgentsHold(Fault fault) throws Exception {
    Blob layer = origin.layer(1);
    List<Role> agents = List.of(stack.agent(1), stack.agent(2));
    origin.rate(ORIGIN_RATE);
    long before = origin.way().bytesFromTarget();
    long firstBefore = agents.get(0).traffic().received();
    long secondBefore = agents.get(1).traffic().received();
    long held;
    long sentAtKill;
    try {
      List<RunningPull> pulls =
          agents.stream().map(agent -> RunningPull.start(agent, REPOSITORY, layer)).toList();
      Wait.until(
          "half of the layer to be fetched",
          PATIENCE,
          () -> origin.way().bytesFromTarget() - before >= layer.sizeBytes() / 2);
      origin.rate(ORIGIN_RATE / 20); // it cannot end before the kill
      Role ingesting = stack.ownerOf(layer, REPOSITORY);
      ingesting.kill();
      pulls.forEach(RunningPull::disturbedNow);
      origin.rate(ORIGIN_RATE);
      held =
          Math.max(
              agents.get(0).traffic().received() - firstBefore,
              agents.get(1).traffic().received() - secondBefore);
      sentAtKill = origin.way().bytesFromTarget() - before;
      for (RunningPull pull : pulls) {
        pull.mustBeRight(PATIENCE);
      }
      Duration stall = RunningPull.longestSinceFault(pulls);
      fault.stalled(stall);
      Promised.within(HAND_OVER, "stall by the hand-over", stall);
      ingesting.start();
    } finally {
      origin.unlimited();
      stack.proxies().forEach(Role::awaitReady);
    }

    long sent = origin.way().bytesFromTarget() - before;
    fault
        .refetched(sent - layer.sizeBytes())
        .remark(
            "%.3f copies of %d MiB, killed at %d, %d KiB of that no agent held"
                .formatted(
                    (double) sent / layer.sizeBytes(),
                    layer.sizeBytes() / MIB,
                    sentAtKill / MIB,
                    (sentAtKill - held) / 1024));
    assertThat(sentAtKill).as("killed in the midst").isLessThan(layer.sizeBytes() - 16 * MIB);
    assertThat(sent).isLessThanOrEqualTo(layer.sizeBytes() + (sentAtKill - held) + FETCHED_TWICE);
  }

  @Test
  void trackerKilled_runningPullsAndNewOnesGoOn(Fault fault) throws Exception {
    Blob layer = origin.layer(4);
    origin.rate(ORIGIN_RATE / 10); // so that it goes on for seconds after the kill
    try {
      RunningPull first = RunningPull.start(stack.agent(0), REPOSITORY, layer).awaitBytes(3 * MIB);
      RunningPull second = RunningPull.start(stack.agent(1), REPOSITORY, layer).awaitBytes(MIB);
      stack.tracker().kill();
      List<RunningPull> running = List.of(first.disturbedNow(), second.disturbedNow());
      assertThat(first.bytes()).as("killed in the midst").isLessThan(layer.sizeBytes() * 2 / 3);
      RunningPull later = RunningPull.start(stack.agent(2), REPOSITORY, layer);
      for (RunningPull pull : List.of(first, second, later)) {
        pull.mustBeRight(PATIENCE);
      }
      Duration stall = RunningPull.longestSinceFault(running);
      fault
          .stalled(stall)
          .refetched(origin.registry().sentBytes(layer) - layer.sizeBytes())
          .remark("the new one %.1f s".formatted(later.longestPause().toMillis() / 1e3));
      Promised.within(WITHOUT_TRACKER, "stall of a running pull", stall);
    } finally {
      origin.unlimited();
      stack.tracker().start();
      stack.tracker().awaitReady();
    }
  }
}
