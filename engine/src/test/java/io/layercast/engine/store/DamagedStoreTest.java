package io.layercast.engine.store;

import static io.layercast.engine.PieceLayout.CHUNK_BYTES;
import static io.layercast.engine.store.Blobs.DIGEST;
import static io.layercast.engine.store.Blobs.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.layercast.engine.PieceLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that crashes, disks and people have changed: nothing wrong is served, nothing crashes. */
class DamagedStoreTest {
  @TempDir Path root;
  @TempDir Path outside;
  private BlobStore store;
  private StoredBlob blob;

  @BeforeEach
  void fill() throws IOException {
    store = BlobStore.open(root);
    blob = store.openOrCreate(DIGEST, LAYOUT, 0);
    Blobs.write(blob, 0, 1, 2, 3);
    blob.seal();
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private void reopen() throws IOException {
    store.close();
    store = BlobStore.open(root);
  }

  @Test
  void flippedByte_isFoundAndThePieceFetchedAgain() throws IOException {
    flip("data", LAYOUT.offsetOf(1) + CHUNK_BYTES + 5);

    byte[] other = new byte[CHUNK_BYTES];
    blob.read(1, 0, ByteBuffer.wrap(other, 0, CHUNK_BYTES)); // the piece's other chunk is whole
    assertThat(blob.has(1)).isTrue();
    assertThatThrownBy(
            () -> blob.read(1, CHUNK_BYTES + 9000, ByteBuffer.wrap(new byte[16384], 0, 16384)))
        .isInstanceOf(CorruptPieceException.class)
        .hasMessageContaining("piece 1");
    assertThat(blob.have().stream()).containsExactly(0, 2, 3);
    assertThat(blob.isSealed()).isTrue();
    reopen();
    blob = store.find(DIGEST).orElseThrow();
    assertThat(blob.have().stream()).containsExactly(0, 2, 3);
    assertThat(blob.isSealed()).isTrue();

    Blobs.write(blob, 1);
    assertThat(Blobs.read(blob, 1)).isEqualTo(Blobs.piece(1));
  }

  @Test
  void flippedByte_isFoundAfterAReopenToo() throws IOException {
    flip("data", 0);
    reopen();
    blob = store.find(DIGEST).orElseThrow();

    assertThat(blob.have().isFull()).isTrue(); // opening reads no data
    assertThatThrownBy(() -> Blobs.read(blob, 0)).isInstanceOf(CorruptPieceException.class);
  }

  @Test
  void flippedProof_isNoProof() throws IOException {
    flip("proofs", PieceRecord.offset(LAYOUT, 2) + 40);
    assertThat(blob.proof(2)).isEmpty();
    assertThat(blob.has(2)).isFalse();
    flip("proofs", PieceRecord.offset(LAYOUT, 3) + 20);
    assertThatThrownBy(() -> Blobs.read(blob, 3)).isInstanceOf(CorruptPieceException.class);
    flip("proofs", PieceRecord.offset(LAYOUT, 0));
    reopen();

    assertThat(store.find(DIGEST).orElseThrow().have().stream()).containsExactly(1);
  }

  @Test
  void cutData_losesThePiecesBeyond() throws IOException {
    truncate("data", LAYOUT.offsetOf(2) + 100);
    assertThatThrownBy(() -> Blobs.read(blob, 3)).isInstanceOf(CorruptPieceException.class);
    reopen();

    blob = store.find(DIGEST).orElseThrow();
    assertThat(blob.have().stream()).containsExactly(0, 1);
    Blobs.write(blob, 3);
    assertThat(blob.have().stream()).containsExactly(0, 1, 3);
    reopen();
    // Piece 2 lies before the end of the file again, but its bytes are a hole.
    blob = store.find(DIGEST).orElseThrow();
    assertThatThrownBy(() -> Blobs.read(blob, 2)).isInstanceOf(CorruptPieceException.class);
  }

  @Test
  void cutProofs_loseThePiecesBeyond() throws IOException {
    truncate("proofs", PieceRecord.offset(LAYOUT, 2) + 10);
    reopen();

    assertThat(store.find(DIGEST).orElseThrow().have().stream()).containsExactly(0, 1);
  }

  @Test
  void proofOfAnotherPlace_isNoProof() throws IOException {
    byte[] proofs = Files.readAllBytes(Blobs.file(root, "proofs"));
    int length = PieceRecord.length(LAYOUT);
    System.arraycopy(proofs, 0, proofs, length, length); // 0's in the place of 1's
    Files.write(Blobs.file(root, "proofs"), proofs);
    reopen();

    assertThat(store.find(DIGEST).orElseThrow().have().stream()).containsExactly(0, 2, 3);
  }

  @Test
  void proofsOfAnotherGeneration_areNone() throws IOException {
    Files.write(Blobs.file(root, "head"), new BlobHead(LAYOUT, 1, true).encode());
    reopen();

    assertThat(store.find(DIGEST).orElseThrow().have().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cut head",
        "long head",
        "empty head",
        "no head",
        "no data",
        "no proofs",
        "long data",
        "long proofs",
        "folder for data",
        "folder for head",
        "link for head",
        "link for data",
        "link for proofs",
        "file for blob",
        "link for blob",
        "link for digits",
        "link for algorithm",
        "impossible layout",
        "dangling link for head"
      })
  void whatIsNoBlob_isDroppedAndFetchedAgain(String what) throws IOException {
    store.close();
    damage(what);
    Path kept = Files.writeString(outside.resolve("kept"), "not ours");
    store = BlobStore.open(root);
    store.list();

    assertThat(store.find(DIGEST)).isEmpty();
    StoredBlob anew = store.openOrCreate(DIGEST, LAYOUT, 0);
    assertThat(anew.have().isEmpty()).isTrue();
    Blobs.write(anew, 0, 3);
    assertThat(Blobs.read(anew, 3)).isEqualTo(Blobs.piece(3));
    assertThat(kept).hasContent("not ours");
    reopen();
    assertThat(store.find(DIGEST).orElseThrow().have().stream()).containsExactly(0, 3);
    try (Stream<Path> rest = Files.list(root.resolve("tmp"))) {
      assertThat(rest).isEmpty();
    }
  }

  private void damage(String what) throws IOException {
    Path folder = Blobs.folder(root);
    Path head = folder.resolve("head");
    switch (what) {
      case "cut head" -> truncate("head", 10);
      case "empty head" -> truncate("head", 0);
      case "long head" -> Files.write(head, new byte[100_000], StandardOpenOption.APPEND);
      case "no head", "no data", "no proofs" -> Files.delete(folder.resolve(what.substring(3)));
      case "long data", "long proofs" ->
          Files.write(folder.resolve(what.substring(5)), new byte[1], StandardOpenOption.APPEND);
      case "folder for data", "folder for head" -> {
        Path file = folder.resolve(what.substring(11));
        Files.delete(file);
        Files.createDirectories(file.resolve("deep/deeper"));
      }
      case "link for head", "link for data", "link for proofs" ->
          moveOutAndLink(folder.resolve(what.substring(9)));
      case "file for blob" -> {
        StoreTree.deleteAll(folder);
        Files.writeString(folder, "file");
      }
      case "link for blob" -> moveOutAndLink(folder);
      case "link for digits" -> moveOutAndLink(StoreTree.parent(folder));
      case "link for algorithm" -> moveOutAndLink(StoreTree.parent(StoreTree.parent(folder)));
      case "dangling link for head" -> {
        Files.delete(head);
        Files.createSymbolicLink(head, outside.resolve("nothing"));
      }
      case "impossible layout" ->
          Files.write(
              head, new BlobHead(new PieceLayout(1L << 40, CHUNK_BYTES), 0, false).encode());
      default -> throw new IllegalArgumentException(what);
    }
  }

  private void moveOutAndLink(Path path) throws IOException {
    Path moved = outside.resolve("moved");
    Files.move(path, moved);
    Files.createSymbolicLink(path, moved);
  }

  @Test
  void linksInADamagedFolder_areNotFollowedWhenItIsDeleted() throws IOException {
    Path kept = Files.writeString(outside.resolve("kept"), "not ours");
    Files.createSymbolicLink(Blobs.folder(root).resolve("trap"), outside);
    blob.delete();

    assertThat(kept).hasContent("not ours");
  }

  @Test
  void linkForTheBlobsFolder_isRefusedAtOpen() throws IOException {
    store.close();
    Files.move(root.resolve("blobs"), outside.resolve("blobs"));
    Files.createSymbolicLink(root.resolve("blobs"), outside.resolve("blobs"));

    assertThatThrownBy(() -> BlobStore.open(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("blobs is no folder");
  }

  @Test
  void garbageNames_areLeftAlone() throws IOException {
    Path digits = StoreTree.parent(Blobs.folder(root));
    Files.createDirectories(digits.resolve("not-a-digest"));
    Files.writeString(root.resolve("blobs/sha256/file"), "x");
    Files.createDirectories(root.resolve("blobs/sha256/zz/" + DIGEST.hex()));
    Files.createDirectories(root.resolve("blobs/md5/00"));

    assertThat(store.list()).containsExactly(DIGEST);
    assertThat(digits.resolve("not-a-digest")).exists();
  }

  @Test
  void randomDamage_neverServesAWrongByte() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 60; round++) {
      String name = random.nextInt(3) == 0 ? "data" : random.nextBoolean() ? "proofs" : "head";
      Path file = Blobs.file(root, name);
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length > 0 && random.nextBoolean()) {
        for (int i = 0; i < 3; i++) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
      } else {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      }
      Files.write(file, bytes);
      if (random.nextBoolean()) {
        reopen();
      }
      blob = store.openOrCreate(DIGEST, LAYOUT, 0);
      for (int piece = 0; piece < 4; piece++) {
        try {
          assertThat(Blobs.read(blob, piece)).as("seed %d", seed).isEqualTo(Blobs.piece(piece));
        } catch (IOException _) {
          assertThat(blob.has(piece)).as("seed %d", seed).isFalse();
        }
        Blobs.write(blob, piece);
        assertThat(Blobs.read(blob, piece)).as("seed %d", seed).isEqualTo(Blobs.piece(piece));
      }
    }
  }

  private void flip(String name, long offset) throws IOException {
    byte[] bytes = Files.readAllBytes(Blobs.file(root, name));
    bytes[(int) offset] ^= 1;
    Files.write(Blobs.file(root, name), bytes);
  }

  private void truncate(String name, long length) throws IOException {
    byte[] bytes = Files.readAllBytes(Blobs.file(root, name));
    Files.write(Blobs.file(root, name), Arrays.copyOf(bytes, (int) length));
  }
}
