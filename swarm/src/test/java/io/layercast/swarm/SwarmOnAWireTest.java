package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A seed and four nodes that lack everything, message by message: chokes cross orders, cancels
 * cross blocks. Nobody lies or dies, so nobody may break the protocol or refuse while it lets
 * download, and all become whole.
 */
final class SwarmOnAWireTest {
  private static final int PIECE_BYTES = 512 * 1024;
  private static final int PIECES = 30;
  private static final int NODES = 5;
  private static final int PIECES_UNDER_WAY = 12;
  private static final long RATE = 20_000_000;
  private static final long QUICK = TimeUnit.SECONDS.toNanos(10);
  private static final long LATEST = TimeUnit.MINUTES.toNanos(2);
  private static final long REST = TimeUnit.SECONDS.toNanos(10);

  private static final String FEW_SLOTS =
      "layercast.swarm { upload-slots-min = 1, upload-slots-max = 2 }";

  private final List<WiredNode> nodes = new ArrayList<>();

  static IntStream seeds() {
    return IntStream.range(0, 8);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void slotsThatComeAndGo_costNothing(int seed) {
    VirtualTime time = swarm(seed, FEW_SLOTS, true, RATE);

    runUntilWhole(time, QUICK);

    assertThat(nodes).allSatisfy(node -> assertThat(node.oddities).isEmpty());
  }

  /** As standard clients are without BEP 6: a choke forgets what was asked for. */
  @ParameterizedTest
  @MethodSource("seeds")
  void peersWithoutReject_getAll(int seed) {
    VirtualTime time = swarm(seed, FEW_SLOTS, false, RATE);

    runUntilWhole(time, QUICK);

    assertThat(nodes).allSatisfy(node -> assertThat(node.oddities).isEmpty());
  }

  /** What it is late with is fetched from a second one, whoever is first. */
  @ParameterizedTest
  @MethodSource("seeds")
  void slowNode_holdsNobodyUp(int seed) {
    VirtualTime time = swarm(seed, FEW_SLOTS, true, RATE / 20);

    runUntilWhole(time, QUICK);

    assertThat(nodes).allSatisfy(node -> assertThat(node.oddities).isEmpty());
  }

  /** Pieces are given up within a block, and asked for again where the block comes on. */
  @ParameterizedTest
  @MethodSource("seeds")
  void nodesThatPause_areToldOffAndUsedAgain(int seed) {
    VirtualTime time =
        swarm(seed, "layercast.swarm { stall-min = 500ms, stall-max = 1s }", true, RATE);
    for (int i = 0; i < 8; i++) {
      WiredNode node = nodes.get(time.pick(NODES));
      time.after(time.upTo(QUICK / 5), () -> node.pause(time.upTo(QUICK / 2)));
    }

    runUntilWhole(time, LATEST);

    assertThat(nodes)
        .allSatisfy(node ->
            assertThat(node.oddities).allSatisfy(odd -> assertThat(odd).startsWith("STALLED")));
  }

  /** Whoever asks for them meanwhile is refused, and asks others. */
  @ParameterizedTest
  @MethodSource("seeds")
  void piecesThatAreLost_areFetchedAgain(int seed) {
    VirtualTime time = swarm(seed, FEW_SLOTS, true, RATE);
    for (int i = 0; i < PIECES; i++) {
      WiredNode node = nodes.get(1 + time.pick(NODES - 1));
      int piece = i;
      time.after(time.upTo(QUICK / 8), () -> node.lose(piece));
    }

    runUntilWhole(time, QUICK);

    assertThat(nodes)
        .allSatisfy(node ->
            assertThat(node.oddities).allSatisfy(odd -> assertThat(odd).startsWith("REFUSED")));
  }

  /**
   * @param rateOfOne that of the last node
   */
  private VirtualTime swarm(int seed, String settings, boolean fast, long rateOfOne) {
    Config config = ConfigFactory.parseString(settings).withFallback(ConfigFactory.load());
    VirtualTime time = new VirtualTime(seed);
    byte[] bytes = new byte[PIECES * PIECE_BYTES - 12345];
    new Random(seed).nextBytes(bytes);
    FakeSharedBlob full = FakeSharedBlob.full(bytes, PIECE_BYTES);
    for (int i = 0; i < NODES; i++) {
      FakeSharedBlob blob = i == 0 ? full : full.empty();
      nodes.add(
          new WiredNode(
              time,
              SwarmSettings.from(config),
              i,
              blob,
              i == NODES - 1 ? rateOfOne : RATE,
              new PieceShares((_, _) -> PIECES_UNDER_WAY)));
      for (int j = 0; j < i; j++) {
        nodes.get(i).connect(nodes.get(j), fast);
      }
    }
    return time;
  }

  private void runUntilWhole(VirtualTime time, long limitNanos) {
    while (!nodes.stream().allMatch(WiredNode::isWhole)) {
      assertThat(time.step(limitNanos))
          .as("whole within %d s, lacking %s", limitNanos / 1_000_000_000, lacking())
          .isTrue();
    }
    long end = time.now() + REST;
    while (time.step(end)) {
      // until nothing is under way
    }
    assertThat(nodes).allSatisfy(node -> assertThat(node.buffers.lentBytes()).isZero());
  }

  private List<Integer> lacking() {
    return nodes.stream().map(node -> PIECES - node.blob.have().count()).toList();
  }
}
