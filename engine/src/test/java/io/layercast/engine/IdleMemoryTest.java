package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class IdleMemoryTest {
  private final PieceBuffers in = new PieceBuffers(PieceLayout.MAX_PIECE_BYTES);
  private final PieceBuffers out = new PieceBuffers(PieceLayout.MAX_PIECE_BYTES);
  private int collections;
  private final IdleMemory memory = new IdleMemory(List.of(in, out), () -> collections++);

  @Test
  void memory_isGivenBackAtTheSecondIdleLook() {
    use(in).release();

    memory.run();
    assertThat(in.allocatedBytes()).isPositive();
    memory.run();
    assertThat(in.allocatedBytes()).isZero();
    assertThat(collections).isEqualTo(1);
  }

  @Test
  void whatIsLent_putsItOff() {
    use(in).release();
    memory.run();
    PieceBuffer sending = use(out);
    memory.run();
    sending.release();
    memory.run();
    assertThat(in.allocatedBytes()).isPositive();

    memory.run();
    assertThat(in.allocatedBytes() + out.allocatedBytes()).isZero();
  }

  @Test
  void aNodeThatDidNothing_isLeftAlone() {
    memory.run();
    memory.run();
    assertThat(collections).isZero();
  }

  private static PieceBuffer use(PieceBuffers pool) {
    PieceBuffer buffer = pool.tryTake(1).orElseThrow();
    buffer.bytes().put((byte) 1);
    return buffer;
  }
}
