package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PieceLayoutTest {
  private static final int KIB = 1024;

  @ParameterizedTest
  @CsvSource({
    // size, piece length in KiB, pieces
    "0,             128,     0",
    "1,             128,     1",
    "131072,        128,     1",
    "131073,        128,     2",
    "262145,        128,     3", // 256 KiB + 1: the smallest that is not sent inline
    "524288,        128,     4",
    "3145728,       128,    24",
    "4194304,       256,    16",
    "16777215,      512,    32", // one byte below 16 MiB
    "16777216,      1024,   16",
    "1073741824,    1024, 1024", // 1 GiB
    "1073741825,    4096,  257",
    "10737418240,   4096, 2560",
  })
  void forSize_cutsAsTold(long sizeBytes, int pieceKib, int pieces) {
    PieceLayout layout = PieceLayout.forSize(sizeBytes);

    assertThat(layout.pieceBytes()).isEqualTo(pieceKib * KIB);
    assertThat(layout.pieceCount()).isEqualTo(pieces);
  }

  @Test
  void pieces_coverTheBlobOnceAndInOrder() {
    for (long size : new long[] {1, 131071, 131072, 131073, 999_999, 5_000_001, 1L << 30}) {
      PieceLayout layout = PieceLayout.forSize(size);
      long end = 0;
      for (int piece = 0; piece < layout.pieceCount(); piece++) {
        assertThat(layout.offsetOf(piece)).isEqualTo(end);
        assertThat(layout.lengthOf(piece)).isBetween(1, layout.pieceBytes());
        assertThat(layout.pieceAt(end)).isEqualTo(piece);
        end += layout.lengthOf(piece);
        assertThat(layout.pieceAt(end - 1)).isEqualTo(piece);
      }
      assertThat(end).isEqualTo(size);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 131072",
    "1, 0",
    "1, -131072",
    "1, 131071",
    "1, 131073",
    "1, 16908288", // 16 MiB + 128 KiB
    "9223372036854775807, 131072", // the count overflows
    "281474976710657, 131072", // 2³¹ pieces
  })
  void create_refusesWhatNobodyCuts(long sizeBytes, int pieceBytes) {
    assertThatThrownBy(() -> new PieceLayout(sizeBytes, pieceBytes))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void outOfBounds_throws() {
    PieceLayout layout = new PieceLayout(300_000, 131_072);

    assertThatThrownBy(() -> layout.offsetOf(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> layout.lengthOf(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> layout.pieceAt(300_000)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> layout.pieceAt(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
