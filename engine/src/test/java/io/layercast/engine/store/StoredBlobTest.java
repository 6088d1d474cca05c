package io.layercast.engine.store;

import static io.layercast.engine.PieceLayout.CHUNK_BYTES;
import static io.layercast.engine.store.Blobs.DIGEST;
import static io.layercast.engine.store.Blobs.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading and writing one blob of pieces of two chunks; the last piece is one chunk and a bit. */
class StoredBlobTest {
  private static final int LAST = 3;

  @TempDir Path root;
  private BlobStore store;
  private StoredBlob blob;

  @BeforeEach
  void open() throws IOException {
    store = BlobStore.open(root);
    blob = store.openOrCreate(DIGEST, LAYOUT, 0);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @Test
  void write_takesDirectBuffersAndLeavesThemAsTheyWere() throws IOException {
    ByteBuffer direct = ByteBuffer.allocateDirect(LAYOUT.lengthOf(1) + 10);
    direct.position(7).put(Blobs.piece(1)).flip().position(7);
    blob.write(1, direct, Blobs.proof(1));

    assertThat(direct.position()).isEqualTo(7);
    assertThat(direct.limit()).isEqualTo(7 + LAYOUT.lengthOf(1));
    assertThat(Blobs.read(blob, 1)).isEqualTo(Blobs.piece(1));
    assertThat(blob.have().stream()).containsExactly(1);
    assertThat(blob.proof(1)).contains(Blobs.proof(1));
  }

  @Test
  void write_isIdempotent() throws IOException {
    Blobs.write(blob, 2, 2);

    assertThat(Blobs.read(blob, 2)).isEqualTo(Blobs.piece(2));
  }

  @Test
  void write_refusesWrongLengthsAndPieces() {
    ByteBuffer piece = ByteBuffer.wrap(Blobs.piece(0));
    assertThatThrownBy(() -> blob.write(LAST, piece, Blobs.proof(0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> blob.write(4, piece, Blobs.proof(0)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> blob.write(-1, piece, Blobs.proof(0)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(blob.have().isEmpty()).isTrue();
  }

  @Test
  void read_yieldsAnyRange() throws IOException {
    Blobs.write(blob, 0, 1, 2, LAST);
    Random random = new Random(7);
    int[] edges = {0, 1, 16384, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES - 1};
    for (int piece : new int[] {1, LAST}) {
      int length = LAYOUT.lengthOf(piece);
      for (int begin : edges) {
        for (int end : edges) {
          assertRange(piece, Math.min(begin, length), Math.min(end, length));
        }
        assertRange(piece, Math.min(begin, length), length);
      }
      for (int i = 0; i < 50; i++) {
        assertRange(piece, random.nextInt(length + 1), random.nextInt(length + 1));
      }
    }
  }

  private void assertRange(int piece, int begin, int end) throws IOException {
    if (begin > end) {
      return;
    }
    byte[] target = new byte[end - begin + 20];
    blob.read(piece, begin, ByteBuffer.wrap(target, 13, end - begin)); // behind a frame's header

    assertThat(Arrays.copyOfRange(target, 13, 13 + end - begin))
        .isEqualTo(Arrays.copyOfRange(Blobs.piece(piece), begin, end));
    assertThat(Arrays.copyOf(target, 13)).containsOnly(0);
    assertThat(Arrays.copyOfRange(target, 13 + end - begin, target.length)).containsOnly(0);
  }

  @Test
  void read_refusesWhatIsNotThere() throws IOException {
    Blobs.write(blob, LAST);
    byte[] target = new byte[100];

    assertThatThrownBy(() -> blob.read(0, 0, ByteBuffer.wrap(target, 0, 10)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("piece 0")
        .isNotInstanceOf(CorruptPieceException.class);
    assertThatThrownBy(
            () -> blob.read(LAST, LAYOUT.lengthOf(LAST) - 5, ByteBuffer.wrap(target, 0, 6)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> blob.read(LAST, -1, ByteBuffer.wrap(target, 0, 6)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> blob.read(LAST, Integer.MAX_VALUE, ByteBuffer.wrap(target)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> blob.read(4, 0, ByteBuffer.wrap(target, 0, 1)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(blob.proof(0)).isEmpty();
  }

  @Test
  void have_isACopy() throws IOException {
    blob.have().add(0);

    assertThat(blob.has(0)).isFalse();
  }

  @Test
  void readersAndWriters_doNotDisturbEachOther() throws Exception {
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      int piece = i % 4;
      tasks.add(() -> {
        Blobs.write(blob, piece);
        assertThat(Blobs.read(blob, piece)).isEqualTo(Blobs.piece(piece));
        blob.close(); // others have it open
        assertThat(blob.proof(piece)).contains(Blobs.proof(piece));
        return piece;
      });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<Integer> done : threads.invokeAll(tasks)) {
        done.get();
      }
    }

    assertThat(blob.have().isFull()).isTrue();
  }

  @Test
  void delete_underReadersServesNothingWrong() throws Exception {
    Blobs.write(blob, 0, 1, 2, LAST);
    List<Callable<String>> readers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int piece = i;
      readers.add(() -> {
        while (true) {
          try {
            assertThat(Blobs.read(blob, piece)).isEqualTo(Blobs.piece(piece));
          } catch (CorruptPieceException e) {
            return "took a deleted file for a damaged one: " + e;
          } catch (IOException _) {
            return "ended";
          }
        }
      });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(5)) {
      List<Future<String>> done = readers.stream().map(threads::submit).toList();
      blob.delete();
      StoredBlob next = store.openOrCreate(DIGEST, LAYOUT, 1);
      for (Future<String> each : done) {
        assertThat(each.get()).isEqualTo("ended");
      }
      assertThat(next.have().isEmpty()).isTrue();
    }
  }

  @Test
  void interruptedReader_doesNotTakeTheFilesFromOthers() throws Exception {
    Blobs.write(blob, 0);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Blobs.read(blob, 0))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(CorruptPieceException.class);
    assertThat(Thread.interrupted()).isTrue();

    assertThat(Blobs.read(blob, 0)).isEqualTo(Blobs.piece(0));
  }
}
