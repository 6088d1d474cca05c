package io.layercast.engine.store;

import static io.layercast.engine.store.Blobs.DIGEST;
import static io.layercast.engine.store.Blobs.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writes that the disk refuses, by Linux's {@code /dev/full} in the place of one of the files. */
class DiskTroubleTest {
  private static final Path FULL = Path.of("/dev/full");

  @TempDir Path root;
  private volatile String refused = "";

  @BeforeEach
  void needsDevFull() {
    assumeTrue(Files.exists(FULL), "this system has no /dev/full");
  }

  private FileChannel open(Path file) throws IOException {
    return refused.equals(String.valueOf(file.getFileName()))
        ? FileChannel.open(FULL, StandardOpenOption.READ, StandardOpenOption.WRITE)
        : StoreTree.openPlain(file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"data", "proofs"})
  void refusedWrite_storesNothingAndBreaksNothing(String file) throws IOException {
    try (BlobStore store =
        BlobStore.open(root, new StoreSettings(1), this::open, InstantSource.system())) {
      StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
      Blobs.write(blob, 0);
      blob.close();
      refused = file;
      assertThatThrownBy(() -> Blobs.write(blob, 1)).isInstanceOf(IOException.class);
      assertThat(blob.have().stream()).containsExactly(0);
      refused = "";
      blob.close();

      assertThat(Blobs.read(blob, 0)).isEqualTo(Blobs.piece(0));
      Blobs.write(blob, 1);
      assertThat(Blobs.read(blob, 1)).isEqualTo(Blobs.piece(1));
    }
    try (BlobStore store = BlobStore.open(root)) {
      assertThat(store.find(DIGEST).orElseThrow().have().stream()).containsExactly(0, 1);
    }
  }

  @Test
  void filesThatCanNotBeOpened_areNotTakenForDamage() throws IOException {
    try (BlobStore store =
        BlobStore.open(root, new StoreSettings(1), this::fail, InstantSource.system())) {
      StoredBlob blob = unopenable(store);

      assertThatThrownBy(() -> Blobs.read(blob, 0))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(CorruptPieceException.class);
    }
    try (BlobStore store = BlobStore.open(root)) {
      assertThat(Blobs.read(store.find(DIGEST).orElseThrow(), 0)).isEqualTo(Blobs.piece(0));
    }
  }

  /** Whoever has lost it gets it from others, and that must not be taken for stored already. */
  @Test
  void pieceThatCannotBeRead_isWrittenAgain() throws IOException {
    try (BlobStore store =
        BlobStore.open(root, new StoreSettings(1), this::fail, InstantSource.system())) {
      StoredBlob blob = unopenable(store);
      assertThatThrownBy(() -> Blobs.read(blob, 0)).hasMessage("too many open files");
      assertThatThrownBy(() -> Blobs.write(blob, 0)).hasMessage("too many open files");

      refused = "";
      Blobs.write(blob, 0);
      assertThat(Blobs.read(blob, 0)).isEqualTo(Blobs.piece(0));
    }
  }

  @Test
  void proofThatCannotBeRead_isNotTakenForNone() throws IOException {
    try (BlobStore store =
        BlobStore.open(root, new StoreSettings(1), this::fail, InstantSource.system())) {
      StoredBlob blob = unopenable(store);
      assertThatThrownBy(() -> blob.proof(0)).hasMessage("too many open files");
    }
  }

  /** With one piece. */
  private StoredBlob unopenable(BlobStore store) throws IOException {
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
    Blobs.write(blob, 0);
    blob.close();
    refused = "all";
    return blob;
  }

  private FileChannel fail(Path file) throws IOException {
    if (!refused.isEmpty()) {
      throw new IOException("too many open files");
    }
    return StoreTree.openPlain(file);
  }
}
