package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.PieceSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PiecePickerTest {
  private static final int PIECES = 10;
  private final PiecePicker picker = new PiecePicker(PIECES, 1);

  private void knowAll() {
    for (int piece = 0; piece < PIECES; piece++) {
      picker.known(piece);
    }
  }

  private static PieceSet set(int... pieces) {
    PieceSet set = PieceSet.empty(PIECES);
    for (int piece : pieces) {
      set.add(piece);
    }
    return set;
  }

  @Test
  void unknownPieces_areNotPicked() {
    assertThat(picker.pick(PieceSet.full(PIECES), List.of(), 0)).isEqualTo(-1);
    picker.known(3);
    assertThat(picker.pick(PieceSet.full(PIECES), List.of(), 0)).isEqualTo(3);
    assertThat(picker.pick(PieceSet.full(PIECES), List.of(), 0)).isEqualTo(-1);
  }

  @Test
  void rarest_comesFirst() {
    knowAll();
    for (int piece = 0; piece < PIECES; piece++) {
      if (piece != 6) {
        picker.peerHas(piece);
      }
    }
    assertThat(picker.pick(PieceSet.full(PIECES), List.of(), 0)).isEqualTo(6);
  }

  @Test
  void readersWindow_comesBeforeTheRarest_inOrder() {
    knowAll();
    for (int piece = 2; piece < 5; piece++) {
      picker.peerHas(piece);
    }
    PieceSet has = set(0, 3, 4, 9);
    assertThat(picker.pick(has, List.of(2), 3)).isEqualTo(3);
    assertThat(picker.pick(has, List.of(2), 3)).isEqualTo(4);
    assertThat(picker.pick(has, List.of(2), 3)).isIn(0, 9);
  }

  @Test
  void opened_growsOnlyWhenAPieceOpens() {
    knowAll();
    int before = picker.opened();
    int piece = picker.pick(set(5), List.of(), 0);
    assertThat(picker.opened()).isEqualTo(before);
    picker.giveBack(piece);
    assertThat(picker.opened()).isEqualTo(before + 1);
  }

  @Test
  void givenBackAndLost_areOpenAgain() {
    knowAll();
    int piece = picker.pick(set(5), List.of(), 0);
    assertThat(picker.isOpen(piece)).isFalse();
    picker.giveBack(piece);
    assertThat(picker.pick(set(5), List.of(), 0)).isEqualTo(5);
    picker.stored(5);
    picker.giveBack(5);
    assertThat(picker.pick(set(5), List.of(), 0)).isEqualTo(-1);
    picker.lost(5);
    assertThat(picker.pick(set(5), List.of(), 0)).isEqualTo(5);
  }

  @Test
  void ties_areBrokenByChance() {
    Set<Integer> firsts = new HashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      PiecePicker seeded = new PiecePicker(PIECES, seed);
      for (int piece = 0; piece < PIECES; piece++) {
        seeded.known(piece);
      }
      firsts.add(seeded.pick(PieceSet.full(PIECES), List.of(), 0));
    }
    assertThat(firsts).hasSizeGreaterThan(5);
  }

  @Test
  void near_inOrderOfWhatManyHave_elseTheRarest_elseNothing() {
    PiecePicker near = new PiecePicker(PIECES, 1);
    IntStream.range(0, PIECES).forEach(near::known);
    for (int piece : new int[] {1, 1, 2, 3, 3, 4, 4}) {
      near.peerHas(piece);
    }
    PieceSet all = PieceSet.full(PIECES);
    assertThat(near.pickNear(all, List.of(1), 3, 2)).as("two have it").isEqualTo(1);
    assertThat(near.pickNear(all, List.of(1), 3, 2)).as("so it is with this").isEqualTo(3);
    assertThat(near.pickNear(all, List.of(1), 3, 2)).as("the only one left").isEqualTo(2);
    assertThat(near.pickNear(all, List.of(1), 3, 2)).as("none is near").isEqualTo(-1);
    assertThat(near.pickNear(all, List.of(1, 4), 2, 3)).as("rarer than piece 4").isEqualTo(5);
    assertThat(near.pickNear(all, List.of(), 3, 2)).as("nobody reads").isEqualTo(-1);
  }

  @Test
  void stripe_inOrderOfWhatNobodyHas_everyNodeItsOwn() {
    PieceSet all = PieceSet.full(PIECES);
    PiecePicker second = new PiecePicker(PIECES, 1);
    IntStream.range(0, PIECES).forEach(second::known);
    second.peerHas(4);
    assertThat(second.pickStripe(all, List.of(2), 7, 3, 1)).as("4 is there").isEqualTo(7);
    assertThat(second.pickStripe(all, List.of(2), 7, 3, 1)).as("none is left").isEqualTo(-1);
    assertThat(second.pickStripe(all, List.of(2), 7, 3, 2)).isEqualTo(2);
    assertThat(second.pickStripe(all, List.of(2), 7, 3, 0)).isEqualTo(3);
    assertThat(second.pickStripe(PieceSet.empty(PIECES), List.of(0), 9, 3, 0)).isEqualTo(-1);
    assertThat(second.pickStripe(all, List.of(), 7, 3, 0)).as("nobody reads").isEqualTo(-1);
  }

  /** Against a plain model: whatever happens, the pick is one of the rarest open pieces. */
  @Test
  void anyHistory_picksARarestOpenPiece() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      PiecePicker tried = new PiecePicker(PIECES, seed);
      int[] count = new int[PIECES];
      boolean[] open = new boolean[PIECES];
      for (int step = 0; step < 200; step++) {
        int piece = random.nextInt(PIECES);
        switch (random.nextInt(4)) {
          case 0 -> {
            tried.lost(piece);
            tried.known(piece);
            tried.giveBack(piece);
            open[piece] = true;
          }
          case 1 -> {
            tried.stored(piece);
            open[piece] = false;
          }
          case 2 -> {
            tried.peerHas(piece);
            count[piece]++;
          }
          default -> {
            if (count[piece] > 0) {
              tried.peerLost(piece);
              count[piece]--;
            }
          }
        }
        int rarest = Integer.MAX_VALUE;
        int openCount = 0;
        for (int i = 0; i < PIECES; i++) {
          assertThat(tried.isOpen(i)).as("seed %d", seed).isEqualTo(open[i]);
          if (open[i]) {
            rarest = Math.min(rarest, count[i]);
            openCount++;
          }
        }
        assertThat(tried.openPieces()).isEqualTo(openCount);
        int picked = tried.pick(PieceSet.full(PIECES), List.of(), 0);
        if (picked >= 0) {
          assertThat(open[picked]).as("seed %d step %d", seed, step).isTrue();
          assertThat(count[picked]).as("seed %d step %d", seed, step).isEqualTo(rarest);
          tried.giveBack(picked);
        } else {
          assertThat(openCount).isZero();
        }
      }
    }
  }
}
