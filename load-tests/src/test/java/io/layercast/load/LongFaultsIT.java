package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Faults that take their time, on a cluster like that of {@link FaultsIT}. */
@FaultSuite
@Tag("alone")
@Tag("long")
final class LongFaultsIT {
  private static final String REPOSITORY = "library/faults";
  private static final long MB = 1_000_000;
  private static final long PIECE_BYTES = 1024 * 1024;
  private static final long ORIGIN_RATE = 8 * MB;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration STOPPED = Duration.ofSeconds(30);

  /** What is promised of a proxy that is told to stop: until bytes come again. */
  private static final Duration HAND_OVER_TOLD = Duration.ofSeconds(5);

  /** A pull's peers and its layer may still be open. */
  private static final int HANDLES_MORE = 16;

  /** A leak of 1 KiB a request would be 98; the rest is code, buffers and arenas. */
  private static final double RSS_MORE_MIB = 60;

  private static FarOrigin origin;
  private static Stack stack;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    List<Long> sizes = List.of(48 * MB, 49 * MB, MB, 20 * MB, 50 * MB, 51 * MB);
    origin = FarOrigin.start(workplace, REPOSITORY, 22, sizes);
    stack = origin.stack().proxy().proxy().agent().agent().start();
  }

  @Test
  void agentStoppedForHalfAMinuteAndContinued_itsPeerGoesOnMeanwhile(Fault fault) throws Exception {
    Blob layer = origin.layer(0);
    Role stopped = stack.agent(0);
    origin.rate(ORIGIN_RATE);
    try {
      RunningPull itsPull = RunningPull.start(stopped, REPOSITORY, layer);
      RunningPull beside = RunningPull.start(stack.agent(1), REPOSITORY, layer);
      itsPull.awaitBytes(8 * MB);
      stopped.program().suspend();
      long start = System.nanoTime();
      try {
        beside.mustBeRight(PATIENCE);
        Wait.until(
            "half a minute to pass",
            PATIENCE,
            () -> System.nanoTime() - start >= STOPPED.toNanos());
        assertThat(itsPull.bytes()).isLessThan(layer.sizeBytes());
      } finally {
        stopped.program().resume();
      }
      itsPull.mustBeRight(PATIENCE);
      fault
          .stalled(beside.longestPause())
          .refetched(stopped.traffic().received() - layer.sizeBytes())
          .remark("stall of the peer; " + itsPull.longestPause().toSeconds() + " s of its own");
    } finally {
      origin.unlimited();
    }
  }

  @Test
  void allProxiesKilledAndRestarted_pullsGoOn(Fault fault) throws Exception {
    Blob layer = origin.layer(1);
    origin.rate(ORIGIN_RATE);
    long before = origin.way().bytesFromTarget();
    try {
      List<RunningPull> pulls =
          stack.agents().stream()
              .map(agent -> RunningPull.start(agent, REPOSITORY, layer))
              .toList();
      pulls.getFirst().awaitBytes(16 * MB);
      stack.proxies().forEach(Role::kill);
      for (Role proxy : stack.proxies()) {
        proxy.start();
      }
      for (RunningPull pull : pulls) {
        pull.mustBeRight(PATIENCE);
      }
      long again = origin.way().bytesFromTarget() - before - layer.sizeBytes();
      fault.stalled(FaultsIT.longest(pulls)).refetched(again);
      // The first range and what four connections were in the middle of, as in KillIT.
      assertThat(again).isLessThanOrEqualTo((4 + 4 * 2) * PIECE_BYTES);
    } finally {
      origin.unlimited();
      stack.proxies().forEach(Role::awaitReady);
    }
  }

  /** The layer's actor moves while it is asked: the proxy hands it over and ends. */
  @Test
  void ingestingProxyToldToStop_theOtherGoesOnWithWhatIsThere(Fault fault) throws Exception {
    Blob layer = origin.layer(4);
    origin.rate(ORIGIN_RATE);
    long before = origin.way().bytesFromTarget();
    try {
      List<RunningPull> pulls =
          stack.agents().stream()
              .map(agent -> RunningPull.start(agent, REPOSITORY, layer))
              .toList();
      pulls.getFirst().awaitBytes(16 * MB);
      Role ingesting = stack.ownerOf(layer, REPOSITORY);
      long asked = System.nanoTime();
      pulls.forEach(RunningPull::disturbedNow);
      ingesting.stop();
      double toEnd = (System.nanoTime() - asked) / 1e9;
      for (RunningPull pull : pulls) {
        pull.mustBeRight(PATIENCE);
      }
      long again = origin.way().bytesFromTarget() - before - layer.sizeBytes();
      Duration stall = RunningPull.longestSinceFault(pulls);
      fault.stalled(stall).refetched(again).remark("%.1f s until it had ended".formatted(toEnd));
      Promised.within(HAND_OVER_TOLD, "stall by the hand-over", stall);
      assertThat(again).isLessThanOrEqualTo((4 + 4 * 2) * PIECE_BYTES);
      ingesting.start();
    } finally {
      origin.unlimited();
      stack.proxies().forEach(Role::awaitReady);
    }
  }

  /** Who takes over asks live peers before the origin, and one of them lies. */
  @Test
  void ingestingProxyKilledWhileAPeerLies_theOtherTakesOverWithNothingWrong(
      Workplace workplace, Fault fault) throws Exception {
    Blob layer = origin.layer(5);
    origin.rate(ORIGIN_RATE);
    long before = origin.way().bytesFromTarget();
    try {
      List<RunningPull> pulls =
          stack.agents().stream()
              .map(agent -> RunningPull.start(agent, REPOSITORY, layer))
              .toList();
      pulls.getFirst().awaitBytes(16 * MB);
      Role ingesting = stack.ownerOf(layer, REPOSITORY);
      Ticket ticket = Ticket.read(workplace, ingesting, layer, REPOSITORY);
      HostileSeed liar =
          HostileSeed.start(
              workplace,
              stack.tracker(),
              ticket,
              HostileSeed.Deed.LIES,
              origin.image().file(layer));
      ingesting.kill();
      pulls.forEach(RunningPull::disturbedNow);
      for (RunningPull pull : pulls) {
        pull.mustBeRight(PATIENCE);
      }
      long again = origin.way().bytesFromTarget() - before - layer.sizeBytes();
      Duration stall = RunningPull.longestSinceFault(pulls);
      Promised.within(KillIT.HAND_OVER, "stall by the hand-over", stall);
      fault
          .stalled(stall)
          .refetched(again)
          .remark("%d requests answered with lies".formatted(liar.requests()));
      assertThat(liar.requests()).as("requests the liar answered").isPositive();
      assertThat(again).isLessThanOrEqualTo((4 + 4 * 2) * PIECE_BYTES);
      ingesting.start();
    } finally {
      origin.unlimited();
      stack.proxies().forEach(Role::awaitReady);
    }
  }

  @Test
  void originAtATrickle_oneWaiterGetsWhatTakesThreeMinutes(Fault fault) throws Exception {
    Blob layer = origin.layer(3);
    long before = origin.way().bytesFromTarget();
    origin.rate(layer.sizeBytes() / 200);
    try {
      RunningPull pull = RunningPull.start(stack.agent(0), REPOSITORY, layer);
      pull.mustBeRight(Duration.ofMinutes(6));
      fault
          .stalled(pull.longestPause())
          .refetched(origin.way().bytesFromTarget() - before - layer.sizeBytes());
    } finally {
      origin.unlimited();
    }
  }

  @Test
  void aHundredThousandSmallRequests_pullBesideThemGoesOn(Workplace workplace, Fault fault)
      throws Exception {
    String manifest = "/v2/" + REPOSITORY + "/manifests/" + origin.image().manifest().digest();
    Role agent = stack.agent(0);
    SmallRequests warm = SmallRequests.start(agent, manifest, 10_000);
    assertThat(warm.statuses(Duration.ofMinutes(2))).containsOnly(200);
    collectGarbage(workplace, agent);
    ProcessUse before = agent.program().use();

    SmallRequests requests = SmallRequests.start(agent, manifest, 100_000);
    RunningPull pull = RunningPull.start(agent, REPOSITORY, origin.layer(2));
    pull.mustBeRight(PATIENCE);
    assertThat(requests.statuses(Duration.ofMinutes(10))).containsOnly(200);

    Wait.until(
        "the connections to be closed again",
        PATIENCE,
        () -> agent.program().use().handles() <= before.handles() + HANDLES_MORE);
    ProcessUse busy = agent.program().use();
    collectGarbage(workplace, agent);
    ProcessUse after = agent.program().use();
    fault
        .stalled(pull.longestPause())
        .remark(
            "%s; %.0f MiB before, %.0f after, %.0f of it in use; %d handles, %d after"
                .formatted(
                    requests.rate(),
                    before.rssMib(),
                    busy.rssMib(),
                    after.rssMib(),
                    before.handles(),
                    after.handles()));
    assertThat(after.rssMib()).isLessThan(before.rssMib() + RSS_MORE_MIB);
  }

  /**
   * The heap grows as long as that costs less than to look for what is in use, and is made smaller
   * in four steps, one a collection.
   */
  private static void collectGarbage(Workplace workplace, Role role) throws IOException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    List<String> command = List.of(jcmd, String.valueOf(role.program().pid()), "GC.run");
    for (int step = 0; step < 4; step++) {
      workplace.run("jcmd", Duration.ofSeconds(30), command);
    }
  }
}
