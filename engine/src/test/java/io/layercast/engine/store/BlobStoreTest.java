package io.layercast.engine.store;

import static io.layercast.engine.store.Blobs.DIGEST;
import static io.layercast.engine.store.Blobs.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.layercast.engine.Digest;
import io.layercast.engine.PieceLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobStoreTest {
  @TempDir Path root;
  private BlobStore store;

  @BeforeEach
  void open() throws IOException {
    store = BlobStore.open(root);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  /** What a kill and a start do: nothing of the old objects survives, the files stay. */
  private void reopen() throws IOException {
    store.close();
    store = BlobStore.open(root);
  }

  @Test
  void openOrCreate_beginsEmpty() throws IOException {
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 3);

    assertThat(blob.digest()).isEqualTo(DIGEST);
    assertThat(blob.layout()).isEqualTo(LAYOUT);
    assertThat(blob.generation()).isEqualTo(3);
    assertThat(blob.isSealed()).isFalse();
    assertThat(blob.have().isEmpty()).isTrue();
    assertThat(blob.have().pieceCount()).isEqualTo(4);
    assertThat(store.list()).containsExactly(DIGEST);
  }

  @Test
  void openOrCreate_andFindShareOneInstance() throws IOException {
    assertThat(store.find(DIGEST)).isEmpty();
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);

    assertThat(store.openOrCreate(DIGEST, LAYOUT, 0)).isSameAs(blob);
    assertThat(store.find(DIGEST)).containsSame(blob);
  }

  @Test
  void reopen_findsWhatWasWritten() throws IOException {
    Blobs.write(store.openOrCreate(DIGEST, LAYOUT, 3), 0, 3);
    reopen();

    StoredBlob blob = store.find(DIGEST).orElseThrow();
    assertThat(blob.generation()).isEqualTo(3);
    assertThat(blob.isSealed()).isFalse();
    assertThat(blob.have().stream()).containsExactly(0, 3);
    assertThat(Blobs.read(blob, 0)).isEqualTo(Blobs.piece(0));
    assertThat(Blobs.read(blob, 3)).isEqualTo(Blobs.piece(3));
    assertThat(blob.proof(3)).contains(Blobs.proof(3));
    assertThat(store.openOrCreate(DIGEST, LAYOUT, 3)).isSameAs(blob);
  }

  @Test
  void reopen_findsTheSeal() throws IOException {
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
    Blobs.write(blob, 0, 1, 2, 3);
    blob.seal();
    blob.seal();
    reopen();

    StoredBlob found = store.find(DIGEST).orElseThrow();
    assertThat(found.isSealed()).isTrue();
    assertThat(found.have().isFull()).isTrue();
  }

  @Test
  void openOrCreate_replacesAnotherGeneration() throws IOException {
    StoredBlob old = store.openOrCreate(DIGEST, LAYOUT, 0);
    Blobs.write(old, 0, 1);
    old.seal();
    StoredBlob next = store.openOrCreate(DIGEST, LAYOUT, 1);

    assertThat(next.have().isEmpty()).isTrue();
    assertThat(next.isSealed()).isFalse();
    assertThatThrownBy(() -> Blobs.read(old, 0)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Blobs.write(old, 2)).isInstanceOf(IOException.class);
    assertThatThrownBy(old::seal).isInstanceOf(IOException.class);
    old.delete(); // is not the one in the store any more
    assertThat(store.find(DIGEST)).containsSame(next);
    assertTmpIsEmpty();
  }

  @Test
  void openOrCreate_replacesAnotherGenerationAfterAReopenToo() throws IOException {
    Blobs.write(store.openOrCreate(DIGEST, LAYOUT, 0), 0);
    reopen();

    assertThat(store.openOrCreate(DIGEST, LAYOUT, 1).have().isEmpty()).isTrue();
    reopen();
    assertThat(store.find(DIGEST).orElseThrow().generation()).isEqualTo(1);
  }

  @Test
  void openOrCreate_replacesAnotherLayout() throws IOException {
    Blobs.write(store.openOrCreate(DIGEST, LAYOUT, 0), 0);
    PieceLayout other = new PieceLayout(LAYOUT.sizeBytes(), PieceLayout.CHUNK_BYTES);

    assertThat(store.openOrCreate(DIGEST, other, 0).have().pieceCount()).isEqualTo(8);
  }

  @Test
  void delete_leavesNothing() throws IOException {
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
    Blobs.write(blob, 0);
    blob.delete();
    blob.delete();

    assertThat(store.find(DIGEST)).isEmpty();
    assertThat(store.list()).isEmpty();
    assertThat(Blobs.folder(root)).doesNotExist();
    assertTmpIsEmpty();
    assertThatThrownBy(() -> Blobs.read(blob, 0)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Blobs.write(blob, 0)).isInstanceOf(IOException.class);
  }

  @Test
  void emptyBlob_isWhole() throws IOException {
    Digest empty = Digest.sha256Of(new byte[0]);
    StoredBlob blob = store.openOrCreate(empty, PieceLayout.forSize(0), 0);
    blob.seal();
    reopen();

    assertThat(store.find(empty).orElseThrow().have().isFull()).isTrue();
  }

  @Test
  void sha512_hasAFolderOfItsOwn() throws IOException {
    Digest digest = Digest.of("sha512:" + "0f".repeat(64));
    store.openOrCreate(digest, LAYOUT, 0);

    assertThat(root.resolve("blobs/sha512/0f/" + digest.hex())).isDirectory();
    assertThat(store.list()).containsExactly(digest);
  }

  @Test
  void folderGoneFromUnderTheStore_beginsAnew() throws IOException {
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
    Blobs.write(blob, 0);
    StoreTree.deleteAll(Blobs.folder(root));

    StoredBlob next = store.openOrCreate(DIGEST, LAYOUT, 0);
    assertThat(next).isNotSameAs(blob);
    Blobs.write(next, 0);
    assertThat(Blobs.read(next, 0)).isEqualTo(Blobs.piece(0));
  }

  @Test
  void open_isForOneProcess() {
    assertThatThrownBy(() -> BlobStore.open(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(root.toString())
        .hasMessageContaining("another process");
  }

  @Test
  void open_emptiesTmp() throws IOException {
    store.close();
    Files.createDirectories(root.resolve("tmp/17/deep"));
    Files.writeString(root.resolve("tmp/17/data"), "half");
    store = BlobStore.open(root);

    assertTmpIsEmpty();
  }

  @Test
  void open_refusesAnotherVersion() throws IOException {
    Files.writeString(root.resolve("VERSION"), "2\n");

    assertThatThrownBy(() -> BlobStore.open(root))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "the store in %s is of version '2', this program reads and writes version 1",
            root.toRealPath());
  }

  @Test
  void open_refusesBlobsWithoutAVersion() throws IOException {
    Files.delete(root.resolve("VERSION"));

    assertThatThrownBy(() -> BlobStore.open(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no VERSION");
  }

  @Test
  void folders_areTheirOwnersAlone() throws IOException {
    for (String folder : List.of("blobs", "manifests", "tmp")) {
      assertThat(Files.getPosixFilePermissions(root.resolve(folder)))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void openFiles_areBounded() throws IOException {
    store.close();
    store = BlobStore.open(root, new StoreSettings(3));
    for (int i = 0; i < 10; i++) {
      Digest digest = Digest.sha256Of(Integer.toString(i).getBytes(StandardCharsets.US_ASCII));
      Blobs.write(store.openOrCreate(digest, LAYOUT, 0), 1);
      assertThat(store.openCount()).isLessThanOrEqualTo(3);
    }
    for (Digest digest : store.list()) {
      StoredBlob blob = store.find(digest).orElseThrow();
      assertThat(Blobs.read(blob, 1)).isEqualTo(Blobs.piece(1));
      blob.close();
      assertThat(Blobs.read(blob, 1)).isEqualTo(Blobs.piece(1));
    }
    assertThat(store.openCount()).isEqualTo(3);
  }

  @Test
  void close_endsEveryBlob() throws IOException {
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
    Blobs.write(blob, 0);
    store.close();

    assertThatThrownBy(() -> Blobs.read(blob, 0)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> store.find(DIGEST)).isInstanceOf(IOException.class);
    assertThatCode(blob::close).doesNotThrowAnyException();
  }

  @Test
  void tooManyPieces_areRefused() {
    PieceLayout huge = new PieceLayout(1L << 40, PieceLayout.CHUNK_BYTES);

    assertThatThrownBy(() -> store.openOrCreate(DIGEST, huge, 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("8388608 pieces");
  }

  @Test
  void settings_areReadAndBounded() {
    assertThat(StoreSettings.from(ConfigFactory.load()).openBlobsMax()).isEqualTo(256);
    assertThat(
            StoreSettings.from(
                ConfigFactory.parseString("layercast.engine.store.open-blobs-max = 7")))
        .isEqualTo(new StoreSettings(7));
    assertThatThrownBy(() -> new StoreSettings(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layercast.engine.store.open-blobs-max");
  }

  private void assertTmpIsEmpty() throws IOException {
    try (Stream<Path> rest = Files.list(root.resolve("tmp"))) {
      assertThat(rest).isEmpty();
    }
  }
}
