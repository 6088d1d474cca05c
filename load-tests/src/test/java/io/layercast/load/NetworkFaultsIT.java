package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The network itself fails: every node on a host of its own, two proxies, four agents. */
@FaultSuite
@Tag("long")
final class NetworkFaultsIT {
  private static final String REPOSITORY = "library/network";
  private static final long MB = 1_000_000;
  private static final long ORIGIN_RATE = 8 * MB;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static FarOrigin origin;
  private static Lan lan;
  private static Stack stack;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    lan = workplace.onLan();
    List<Long> sizes = List.of(48 * MB, 24 * MB, 40 * MB, 2 * MB, MB);
    origin = FarOrigin.start(workplace, REPOSITORY, 24, sizes);
    stack = origin.stack().proxy().proxy().agent().agent().agent().agent().start();
  }

  @AfterEach
  void heal() throws IOException {
    lan.heal();
    origin.unlimited();
  }

  @Test
  void proxiesPartitionedFromEachOther_everyPullEndsRight(Fault fault) throws Exception {
    Blob layer = origin.layer(0);
    origin.rate(ORIGIN_RATE);
    RunningPull before = RunningPull.start(stack.agent(0), REPOSITORY, layer).awaitBytes(8 * MB);
    lan.cut(List.of(host(stack.proxy(0))), List.of(host(stack.proxy(1))));
    RunningPull byFirst = RunningPull.start(stack.agent(2), REPOSITORY, layer);
    RunningPull bySecond = RunningPull.start(stack.agent(1), REPOSITORY, layer);
    before.mustBeRight(PATIENCE);
    byFirst.mustBeRight(PATIENCE);
    bySecond.mustBeRight(PATIENCE);
    fault.stalled(FaultsIT.longest(List.of(before, byFirst, bySecond)));
    fault.refetched(origin.registry().sentBytes(layer) - layer.sizeBytes());
    // A second incarnation costs one more copy at worst.
    assertThat(origin.registry().sentBytes(layer)).isLessThan(layer.sizeBytes() * 21 / 10);

    lan.heal();
    RunningPull after = RunningPull.start(stack.agent(1), REPOSITORY, origin.layer(4));
    after.mustBeRight(PATIENCE);
  }

  @Test
  void agentCutFromHalfItsPeers_takesTheOthers(Fault fault) throws Exception {
    Blob layer = origin.layer(1);
    for (Role seed : List.of(stack.agent(1), stack.agent(2), stack.agent(3))) {
      Puller.create().mustPull(seed.url(), REPOSITORY, layer);
    }
    Role agent = stack.agent(0);
    long before = agent.traffic().received();
    List<String> gone = List.of(host(stack.agent(1)), host(stack.proxy(0)));
    RunningPull pull = RunningPull.start(agent, REPOSITORY, layer).awaitBytes(2 * MB);
    lan.cut(List.of(host(agent)), gone);
    pull.mustBeRight(PATIENCE);
    fault.stalled(pull.longestPause());
    fault.refetched(agent.traffic().received() - before - layer.sizeBytes());
    assertThat(origin.registry().sentBytes(layer)).isEqualTo(layer.sizeBytes());
  }

  @Test
  void agentBehindLossAndDelay_isRightAndHoldsNobodyUp(Fault fault) throws Exception {
    Role far = stack.agent(3);
    lan.delay(host(far), Duration.ofMillis(100));
    lan.lose(host(far), 5);
    RunningPull slow = RunningPull.start(far, REPOSITORY, origin.layer(3));
    RunningPull beside = RunningPull.start(stack.agent(0), REPOSITORY, origin.layer(2));
    beside.mustBeRight(PATIENCE);
    slow.mustBeRight(PATIENCE);
    fault.stalled(slow.longestPause());
    fault.remark(
        "5 %% loss, 200 ms; the pull beside it stalled %d ms"
            .formatted(beside.longestPause().toMillis()));
  }

  private static String host(Role role) {
    return role.address().replaceAll(":.*", "");
  }
}
