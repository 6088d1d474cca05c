package io.layercast.engine.store;

import static io.layercast.engine.store.Blobs.DIGEST;
import static io.layercast.engine.store.Blobs.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a {@link BlobStore} counts as its own. */
class StoreSpaceTest {
  /** 2 checksums of 4 bytes a piece of 256 KiB, beside hash and code: {@link PieceRecord}. */
  private static final long RECORD_BYTES = PieceRecord.length(LAYOUT);

  private static final long PIECE_BYTES = 262_144 + RECORD_BYTES;

  @TempDir Path root;
  private Instant now = Instant.parse("2026-11-22T10:00:00Z");
  private BlobStore store;

  @BeforeEach
  void open() throws IOException {
    store = BlobStore.open(root, StoreSettings.defaults(), StoreTree::openPlain, () -> now);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private void reopen() throws IOException {
    store.close();
    open();
  }

  @Test
  void totalBytes_countsPiecesNotTheHolesBetweenThem() throws IOException {
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
    assertThat(store.space().totalBytes()).isEqualTo(8192);
    Blobs.write(blob, 2); // the file is 786,432 bytes long, of which 524,288 are a hole
    assertThat(store.space().totalBytes()).isEqualTo(8192 + PIECE_BYTES);
    Blobs.write(blob, 2, 3); // the last piece has 213,568 bytes
    assertThat(store.space().totalBytes()).isEqualTo(8192 + PIECE_BYTES + 213_568 + RECORD_BYTES);
    blob.drop(2);
    assertThat(store.space().totalBytes()).isEqualTo(8192 + 213_568 + RECORD_BYTES);
    blob.delete();
    assertThat(store.space().totalBytes()).isZero();
    assertThat(store.space().blobs()).isZero();
  }

  @Test
  void survey_countsWhatNobodyHasOpened() throws IOException {
    Blobs.write(store.openOrCreate(DIGEST, LAYOUT, 0), 1);
    long before = store.space().totalBytes();
    reopen();
    assertThat(store.space().totalBytes()).isZero();
    store.survey();
    assertThat(store.space().totalBytes()).isEqualTo(before);
    assertThat(store.find(DIGEST)).isPresent();
    store.survey();
    assertThat(store.space().totalBytes()).isEqualTo(before);
  }

  @Test
  void survey_takesASealedBlobForWhole() throws IOException {
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
    Blobs.write(blob, 0, 1, 2, 3);
    blob.seal();
    reopen();
    store.survey();
    assertThat(store.space().totalBytes()).isEqualTo(8192 + 1_000_000 + 4 * RECORD_BYTES);
  }

  @Test
  void survey_dropsAFolderThatIsNoBlob() throws IOException {
    store.openOrCreate(DIGEST, LAYOUT, 0);
    reopen();
    Files.writeString(Blobs.file(root, "head"), "nonsense");
    store.survey();
    assertThat(store.space().totalBytes()).isZero();
    assertThat(Blobs.folder(root)).doesNotExist();
  }

  @Test
  void lastUse_survivesARestart() throws IOException {
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
    Blobs.write(blob, 0);
    Instant lastRead = now.plusSeconds(3600);
    now = lastRead;
    Blobs.read(blob, 0);
    now = lastRead.plusSeconds(9);
    Blobs.read(blob, 0); // so soon after, not noted
    reopen();
    now = lastRead.plusSeconds(7200);
    store.survey();
    assertThat(store.space().lastUsedMillis(DIGEST)).hasValue(lastRead.toEpochMilli());
    StoredBlob found = store.find(DIGEST).orElseThrow(); // to look is no use
    found.proof(0);
    assertThat(store.space().lastUsedMillis(DIGEST)).hasValue(lastRead.toEpochMilli());
  }

  @Test
  void lastUse_isNotedAfterTheClockWasSetBack() throws IOException {
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
    Blobs.write(blob, 0);
    Instant earlier = now.minusSeconds(86_400);
    now = earlier;
    Blobs.read(blob, 0);
    assertThat(store.space().lastUsedMillis(DIGEST)).hasValue(earlier.toEpochMilli());
  }

  @Test
  void refuseAbove_refusesThePieceAndCountsNothing() throws IOException {
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
    Blobs.write(blob, 0);
    long before = store.space().totalBytes();
    store.space().refuseAbove(before + PIECE_BYTES - 1);
    assertThatThrownBy(() -> Blobs.write(blob, 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no room");
    assertThat(blob.has(1)).isFalse();
    assertThat(store.space().totalBytes()).isEqualTo(before);
    store.space().refuseAbove(before + PIECE_BYTES);
    Blobs.write(blob, 1);
    store.space().refuseAll(true);
    assertThatThrownBy(() -> Blobs.write(blob, 2)).hasMessageContaining("short of space");
  }

  @Test
  void alarm_ringsOnce() throws IOException {
    StoredBlob blob = store.openOrCreate(DIGEST, LAYOUT, 0);
    AtomicInteger rung = new AtomicInteger();
    store.space().alarmAt(8192 + PIECE_BYTES, rung::incrementAndGet);
    Blobs.write(blob, 0);
    assertThat(rung).hasValue(0);
    Blobs.write(blob, 1, 2);
    assertThat(rung).hasValue(1);
  }
}
