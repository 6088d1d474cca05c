package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.store.BlobStore;
import io.layercast.engine.store.StoredBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdleNodeTest {
  private final PieceBuffers in = new PieceBuffers(PieceLayout.MAX_PIECE_BYTES);
  private final PieceBuffers out = new PieceBuffers(PieceLayout.MAX_PIECE_BYTES);
  private int collections;
  private BlobStore store;
  private IdleNode node;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    store = BlobStore.open(folder);
    node = new IdleNode(store, List.of(in, out), () -> collections++);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @Test
  void memory_isGivenBackAtTheSecondIdleLook() {
    use(in).release();

    node.run();
    assertThat(in.allocatedBytes()).isPositive();
    node.run();
    assertThat(in.allocatedBytes()).isZero();
    assertThat(collections).isEqualTo(1);
  }

  @Test
  void whatIsLent_putsItOff() {
    use(in).release();
    node.run();
    PieceBuffer sending = use(out);
    node.run();
    sending.release();
    node.run();
    assertThat(in.allocatedBytes()).isPositive();

    node.run();
    assertThat(in.allocatedBytes() + out.allocatedBytes()).isZero();
  }

  @Test
  void aNodeThatDidNothing_isLeftAlone() {
    node.run();
    node.run();
    assertThat(collections).isZero();
  }

  @Test
  void filesThatNobodyUses_areClosedAndOpenAgain() throws IOException {
    byte[] bytes = new byte[1000];
    PieceLayout layout = new PieceLayout(bytes.length, PieceLayout.CHUNK_BYTES);
    PieceHash hash = PieceHash.of(PieceHash.hasher().digest(bytes));
    StoredBlob blob = store.openOrCreate(Digest.sha256Of(bytes), layout, 0);
    blob.write(0, ByteBuffer.wrap(bytes), new PieceProof(hash, new byte[PieceProof.MAC_BYTES]));

    node.run();
    assertThat(store.openCount()).isEqualTo(1);
    node.run();
    assertThat(store.openCount()).isZero();
    assertThat(collections).isZero();

    ByteBuffer read = ByteBuffer.allocate(bytes.length);
    blob.read(0, 0, read);
    assertThat(read.array()).isEqualTo(bytes);
    assertThat(store.openCount()).isEqualTo(1);
  }

  private static PieceBuffer use(PieceBuffers pool) {
    PieceBuffer buffer = pool.tryTake(1).orElseThrow();
    buffer.bytes().put((byte) 1);
    return buffer;
  }
}
