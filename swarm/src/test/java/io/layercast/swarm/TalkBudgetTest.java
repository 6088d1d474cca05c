package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.layercast.swarm.wire.PeerMessage;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** At the bounds that are delivered. */
class TalkBudgetTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;
  private static final int PIECES = 100;
  private static final int BURST = 10_000;
  private static final int PER_SECOND = 1_000;
  private static final PeerMessage WORD = PeerMessage.Interested.INTERESTED;

  private final SwarmSettings settings = SwarmSettings.from(ConfigFactory.load());
  private final TalkBudget budget = new TalkBudget(settings.talk(), PIECES, 0);

  private int said(int most, long nowNanos) {
    int count = 0;
    while (count < most && budget.spend(WORD, nowNanos)) {
      count++;
    }
    return count;
  }

  @Test
  void flood_endsAtTheBurst() {
    assertThat(said(1_000_000, 0)).isEqualTo(BURST + PIECES);
  }

  @Test
  void flood_spreadOverTime_endsToo() {
    int perTick = 2 * PER_SECOND / 10;
    int ticks = 0;
    while (said(perTick, ticks * SECOND / 10) == perTick) {
      ticks++;
    }
    assertThat(ticks).isBetween(95, 110); // 2,000 a second, of which 1,000 come back
  }

  @Test
  void slowTalk_neverEnds() {
    for (int second = 0; second < 10_000; second++) {
      assertThat(said(PER_SECOND, second * SECOND)).isEqualTo(PER_SECOND);
    }
  }

  @Test
  void clockThatStandsStill_refillsNothing() {
    said(BURST + PIECES, 0);
    assertThat(budget.spend(WORD, 0)).isFalse();
  }

  /** The worst honest one: a full queue is rejected each time a piece of it was served. */
  @Test
  void standardClient_chokedAfterEachPiece_neverEnds() {
    int queue = settings.transfer().requestQueue();
    int turns = 100_000 / (MIB / (16 * KIB));
    for (int turn = 0; turn < turns; turn++) {
      assertThat(said(queue, 0)).isEqualTo(queue);
      budget.moved(MIB);
    }
  }

  /** Our own: 4 MiB ahead in blocks of 128 KiB. */
  @Test
  void ownPeer_chokedAfterEachPiece_neverEnds() {
    int queue = settings.transfer().requestMaxBytes() / settings.transfer().blockBytes();
    for (int turn = 0; turn < 10_000; turn++) {
      assertThat(said(queue, 0)).isEqualTo(queue);
      budget.moved(MIB);
    }
  }

  /** One-byte blocks, given out each time, earn nothing worth having. */
  @Test
  void requestsForSingleBytes_end() {
    int count = 0;
    while (budget.spend(new PeerMessage.Request(0, 0, 1), 0) && count < 1_000_000) {
      budget.moved(1);
      count++;
    }
    assertThat(count).isLessThan(BURST + PIECES + 10);
  }

  @Test
  void longMessages_countByTheirBytes() {
    PeerMessage bitfield = new PeerMessage.Bitfield(new byte[64 * KIB]);
    int count = 0;
    while (budget.spend(bitfield, 0)) {
      count++;
    }
    assertThat(count).isEqualTo((BURST + PIECES) / (1 + KIB));
  }
}
