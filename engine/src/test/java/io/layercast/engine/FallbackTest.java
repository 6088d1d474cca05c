package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.IngestPlan.Stretch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FallbackTest {
  private static final int PIECES = 8;
  private static final PieceLayout LAYOUT = PieceLayout.forSize(16L << 20);

  private final Fallback fallback = new Fallback(Duration.ofSeconds(10), PIECES);
  private final PieceSet have = PieceSet.empty(LAYOUT.pieceCount());

  private Optional<Stretch> due(long second, Integer... waitedFor) {
    return dueAt(second, 0, waitedFor);
  }

  private Optional<Stretch> dueAt(long second, long rate, Integer... waitedFor) {
    return fallback.due(List.of(waitedFor), have, LAYOUT, rate, 0, second * 1_000_000_000L);
  }

  @Test
  void due_isThePieceThatIsWaitedForLongestPastTheDeadline() {
    assertThat(due(0, 4)).isEmpty();
    assertThat(due(5, 4, 2)).isEmpty();
    assertThat(due(11, 4, 2)).contains(new Stretch(4, 5));
    fallback.failed(0);
    assertThat(due(12, 2)).isEmpty();
    assertThat(due(16, 2)).contains(new Stretch(2, 3));
  }

  @Test
  void due_countsAnewForAPieceThatWasNotWaitedForMeanwhile() {
    assertThat(due(0, 4)).isEmpty();
    assertThat(due(5)).isEmpty();
    assertThat(due(11, 4)).isEmpty();
  }

  @Test
  void due_waitsForFourPiecesAtTheNodesRate() {
    long rate = LAYOUT.pieceBytes() / 5;
    assertThat(dueAt(0, rate, 4)).isEmpty();
    assertThat(dueAt(20, rate, 4)).isEmpty();
    assertThat(dueAt(21, rate, 4)).isPresent();
  }

  @Test
  void due_whileAnotherRequestRuns_isNothing() {
    assertThat(due(0, 4, 9)).isEmpty();
    assertThat(due(11, 4, 9)).isPresent();
    assertThat(due(30, 4, 9)).isEmpty();
  }

  @Test
  void due_afterAFailure_waitsForItsPause() {
    assertThat(due(0, 4)).isEmpty();
    assertThat(due(11, 4)).isPresent();
    fallback.failed(13_000_000_000L);
    assertThat(due(12, 4)).isEmpty();
    assertThat(due(13, 4)).isPresent();
  }

  @Test
  void came_fromALivingSwarm_nothingMore() {
    assertThat(due(0, 4)).isEmpty();
    assertThat(due(11, 4)).isPresent();
    assertThat(fallback.came(List.of(5), have, 1)).isEmpty();
    assertThat(due(12, 5)).isEmpty();
  }

  @Test
  void came_fromADeadSwarm_moreAtOnceUpToWhatIsHere() {
    have.add(12);
    assertThat(due(0, 4)).isEmpty();
    assertThat(due(11, 4)).isPresent();
    assertThat(fallback.came(List.of(5), have, 0)).contains(new Stretch(5, 12));
    assertThat(fallback.came(List.of(13), have, 0)).contains(new Stretch(13, 16));
    assertThat(fallback.came(List.of(), have, 0)).isEmpty();
  }

  @Test
  void nanosUntilDue_isTheRestOfTheLongestWait_orOfThePause() {
    assertThat(untilDue(0)).isEmpty();
    due(0, 4);
    due(5, 4, 2);
    assertThat(untilDue(5)).hasValue(5_000_000_001L);
    assertThat(due(11, 4, 2)).isPresent();
    assertThat(untilDue(11)).as("while it is asked for").isEmpty();
    fallback.failed(30_000_000_000L);
    assertThat(untilDue(12)).hasValue(18_000_000_000L);
  }

  private OptionalLong untilDue(long second) {
    return fallback.nanosUntilDue(LAYOUT, 0, second * 1_000_000_000L);
  }
}
