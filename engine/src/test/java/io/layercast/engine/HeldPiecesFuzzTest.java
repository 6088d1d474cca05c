package io.layercast.engine;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

class HeldPiecesFuzzTest {
  @FuzzTest
  void decode(byte[] data) {
    try {
      if (!Arrays.equals(HeldPieces.decode(data, 1000).encode(), data)) {
        throw new AssertionError("does not come back");
      }
    } catch (IllegalArgumentException _) {
      // the one it says
    }
  }
}
