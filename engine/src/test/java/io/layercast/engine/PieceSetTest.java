package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PieceSetTest {
  @Test
  void bitfield_isThatOfBep3() {
    PieceSet set = PieceSet.empty(10);
    set.add(0);
    set.add(7);
    set.add(9);

    byte[] bitfield = {(byte) 0b1000_0001, 0b0100_0000};
    assertThat(set.toBitfield()).containsExactly(bitfield);
    assertThat(PieceSet.ofBitfield(bitfield, 10).stream()).containsExactly(0, 7, 9);
  }

  @Test
  void ofBitfield_refusesSpareBitsAndWrongLengths() {
    assertThatThrownBy(() -> PieceSet.ofBitfield(new byte[] {0, 0b0010_0000}, 10))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PieceSet.ofBitfield(new byte[1], 10))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PieceSet.ofBitfield(new byte[3], 10))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void emptyBlob_hasAFullSetOfNothing() {
    PieceSet set = PieceSet.empty(0);

    assertThat(set.isFull()).isTrue();
    assertThat(set.isEmpty()).isTrue();
    assertThat(set.toBitfield()).isEmpty();
    assertThat(set.nextMissing(0)).isZero();
  }

  @Test
  void add_saysWhetherItWasNewAndKnowsItsBounds() {
    PieceSet set = PieceSet.empty(3);

    assertThat(set.add(2)).isTrue();
    assertThat(set.add(2)).isFalse();
    assertThat(set.count()).isEqualTo(1);
    assertThatThrownBy(() -> set.add(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> set.add(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void next_walksBothWays() {
    PieceSet set = PieceSet.full(5);
    set.remove(2);

    assertThat(set.nextMissing(0)).isEqualTo(2);
    assertThat(set.nextMissing(3)).isEqualTo(5);
    assertThat(set.nextPresent(2)).isEqualTo(3);
    assertThat(set.nextPresent(5)).isEqualTo(-1);
  }

  @Test
  void lacksAnyOf_looksAtTheOthersPieces() {
    PieceSet some = PieceSet.empty(4);
    some.add(1);

    assertThat(some.lacksAnyOf(PieceSet.full(4))).isTrue();
    assertThat(PieceSet.full(4).lacksAnyOf(some)).isFalse();
    assertThat(some.lacksAnyOf(some)).isFalse();
  }

  @Test
  void copy_isApart() {
    PieceSet set = PieceSet.empty(2);
    PieceSet copy = set.copy();
    set.add(1);

    assertThat(copy.has(1)).isFalse();
    assertThat(set).hasToString("1/2");
  }
}
