package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Which missing pieces are left to peers, second by second. */
class PeerShareTest {
  private static final long SECOND = 1_000_000_000L;

  /** nanoTime may begin anywhere, also shortly before it wraps. */
  private static final long START = Long.MAX_VALUE - 3 * SECOND;

  private final PeerShare share =
      new PeerShare(10, Duration.ofSeconds(2), Duration.ofSeconds(5), START);
  private final PieceSet have = PieceSet.empty(10);

  private static PieceSet pieces(int... pieces) {
    PieceSet set = PieceSet.empty(10);
    for (int piece : pieces) {
      set.add(piece);
    }
    return set;
  }

  private static long at(double seconds) {
    return START + (long) (seconds * SECOND);
  }

  private int[] settledAt(double seconds, PieceSet spokenOf) {
    return share.settled(have, spokenOf, at(seconds)).stream().toArray();
  }

  /** From a peer. */
  private void comes(int piece, double seconds) {
    have.add(piece);
    share.came(piece, at(seconds));
  }

  @Test
  void settled_withoutPeers_isWhatIsHere() {
    have.add(4);
    assertThat(settledAt(0, pieces(1, 2, 4))).containsExactly(4);
    assertThat(share.waitingNanos(START)).isEmpty();
    assertThat(share.gatheringNanos(START)).isZero();
  }

  @Test
  void gather_holdsTheOriginOnceForTheGrace() {
    share.gather(START);
    assertThat(share.gatheringNanos(at(0.5))).isEqualTo(3 * SECOND / 2);
    share.gather(at(1));
    assertThat(share.gatheringNanos(at(1.5))).isEqualTo(SECOND / 2);
    assertThat(share.gatheringNanos(at(2))).isZero();
    share.gather(at(9));
    assertThat(share.gatheringNanos(at(9))).isZero();
  }

  @Test
  void settled_leavesToPeersWhatTheySpokeOf() {
    share.gather(START);
    have.add(0);
    assertThat(settledAt(1, pieces(3, 5))).containsExactly(0, 3, 5);
    assertThat(share.waitingNanos(at(1))).hasValue(5 * SECOND);
  }

  @Test
  void settled_whenPeersBringNothing_givesItAllToTheOrigin() {
    share.gather(START);
    settledAt(1, pieces(3, 5));
    assertThat(settledAt(5.9, pieces(3, 5))).containsExactly(3, 5);
    assertThat(share.waitingNanos(at(5.5))).hasValue(SECOND / 2);
    assertThat(settledAt(6, pieces(3, 5))).isEmpty();
    assertThat(share.waitingNanos(at(6))).isEmpty();
  }

  @Test
  void settled_whilePeersBringSome_waitsForTheRest() {
    share.gather(START);
    settledAt(1, pieces(3, 5, 7));
    comes(5, 5);
    assertThat(share.waitingNanos(at(5))).hasValue(5 * SECOND);
    assertThat(settledAt(6, pieces(3, 7))).containsExactly(3, 5, 7);
    assertThat(settledAt(9.9, pieces(3, 7))).containsExactly(3, 5, 7);
    assertThat(settledAt(10, pieces(3, 7))).containsExactly(5);
  }

  @Test
  void settled_beforeItIsSaidThatOneCame_countsItToo() {
    share.gather(START);
    settledAt(1, pieces(3, 5, 7));
    have.add(5);
    assertThat(settledAt(5, pieces(3, 7))).containsExactly(3, 5, 7);
    share.came(5, at(5));
    assertThat(settledAt(9.9, pieces(3, 7))).containsExactly(3, 5, 7);
    assertThat(settledAt(10, pieces(3, 7))).containsExactly(5);
  }

  @Test
  void settled_afterItWasSaidThatOneCame_countsItOnce() {
    share.gather(START);
    settledAt(1, pieces(3, 5, 7));
    comes(5, 2);
    assertThat(settledAt(6, pieces(3, 7))).containsExactly(3, 5, 7);
    assertThat(settledAt(7, pieces(3, 7))).containsExactly(5);
  }

  @Test
  void settled_whatTheOriginBrings_isNoPeersMerit() {
    share.gather(START);
    settledAt(1, pieces(3));
    have.add(8);
    settledAt(5, pieces(3));
    assertThat(settledAt(6, pieces(3))).containsExactly(8);
  }

  @Test
  void settled_ofAPieceSpokenOfLater_waitsItsOwnPatience() {
    share.gather(START);
    settledAt(1, pieces(3));
    settledAt(4, pieces(3, 6));
    assertThat(settledAt(6, pieces(3, 6))).containsExactly(6);
    assertThat(settledAt(9, pieces(3, 6))).isEmpty();
  }

  @Test
  void settled_ofAPieceSpokenOfAgain_startsNoNewPatience() {
    share.gather(START);
    settledAt(1, pieces(3));
    settledAt(2, pieces());
    assertThat(settledAt(6, pieces(3))).isEmpty();
  }

  @Test
  void settled_afterALateArrival_leavesTheRestToPeersAgain() {
    share.gather(START);
    settledAt(1, pieces(3, 5));
    assertThat(settledAt(6, pieces(3, 5))).isEmpty();
    settledAt(6.5, pieces(3, 5, 9));
    comes(9, 7);
    assertThat(settledAt(7, pieces(3, 5))).containsExactly(3, 5, 9);
  }
}
