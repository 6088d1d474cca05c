package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.layercast.engine.store.BlobStore;
import io.layercast.engine.store.SpaceSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpaceGuardTest {
  private static final int BLOB_BYTES = 600_000;
  private static final Instant DAY = Instant.parse("2026-11-22T10:00:00Z");

  /** Any blob is idle by then. */
  private static final Instant LATER = DAY.plus(Duration.ofDays(3650));

  @TempDir Path folder;
  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final FakeSwarms swarms = new FakeSwarms();
  private final FakeDisk disk = new FakeDisk();
  private BlobStore store;
  private LiveBlobs blobs;

  /** Half free. */
  private static final class FakeDisk implements SpaceGuard.Disk {
    private long free = 500_000_000;
    private boolean isBroken;

    @Override
    public long freeBytes() {
      if (isBroken) {
        throw new IllegalStateException("no such disk");
      }
      return free;
    }

    @Override
    public long sizeBytes() {
      return 1_000_000_000;
    }
  }

  @BeforeEach
  void open() throws IOException {
    store = BlobStore.open(folder);
    blobs = new LiveBlobs(store, swarms, executor);
  }

  @AfterEach
  void close() throws IOException {
    blobs.close();
    store.close();
    executor.shutdownNow();
  }

  /** Three blobs on disk, the first used a day after the second, the third a day before. */
  private List<Digest> store() throws IOException {
    List<Digest> digests = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      byte[] content = Blobs.content(BLOB_BYTES + i);
      LiveBlob blob = host(content).blob();
      Blobs.learnAll(blob, content);
      for (int piece = 0; piece < blob.layout().pieceCount(); piece++) {
        Blobs.store(blob, content, piece);
      }
      blob.seal();
      digests.add(blob.digest());
    }
    blobs.close();
    store.close();
    int[] days = {1, 0, -1};
    for (int i = 0; i < 3; i++) {
      Files.setLastModifiedTime(
          folderOf(digests.get(i)), FileTime.from(DAY.plus(Duration.ofDays(days[i]))));
    }
    open();
    return digests;
  }

  private LiveBlobs.Hosted host(byte[] content) throws IOException {
    return blobs.host(
        Blobs.TICKETS.of(Digest.sha256Of(content), PieceLayout.forSize(content.length), 0), true);
  }

  private Path folderOf(Digest digest) {
    return folder
        .resolve("blobs/sha256")
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex());
  }

  private SpaceGuard guard(String settings) {
    SpaceSettings parsed =
        SpaceSettings.from(
            ConfigFactory.parseString("layercast.engine.store.space { " + settings + " }")
                .withFallback(ConfigFactory.defaultReference()));
    return new SpaceGuard(blobs, store, parsed, true, disk, () -> LATER);
  }

  @Test
  void run_evictsTheLongestUnusedUntilTheLowMark() throws IOException {
    List<Digest> digests = store();
    SpaceGuard guard = guard("quota = 1500000, quota-high-percent = 100, quota-low-percent = 50");
    guard.run();
    assertThat(folderOf(digests.get(0))).exists();
    assertThat(folderOf(digests.get(1))).doesNotExist();
    assertThat(folderOf(digests.get(2))).doesNotExist();
    assertThat(guard.evictedBlobs()).isEqualTo(2);
    assertThat(guard.evictedBytes()).isBetween(2L * BLOB_BYTES, 2L * BLOB_BYTES + 30_000);
    assertThat(store.space().totalBytes()).isBetween((long) BLOB_BYTES, BLOB_BYTES + 15_000L);
    guard.run();
    assertThat(guard.evictedBlobs()).isEqualTo(2);
  }

  @Test
  void run_evictsWhenOthersFillTheDisk() throws IOException {
    List<Digest> digests = store();
    SpaceGuard guard = guard("free-low-percent = 10, free-high-percent = 20");
    disk.free = 100_000_000;
    guard.run();
    assertThat(guard.evictedBlobs()).isZero();
    disk.free = 99_999_999;
    guard.run();
    assertThat(digests).allSatisfy(digest -> assertThat(folderOf(digest)).doesNotExist());
    assertThat(store.space().totalBytes()).isZero();
  }

  @Test
  void run_takesAnEvictedBlobOutOfItsSwarm() throws IOException {
    List<Digest> digests = store();
    LiveBlobs.Hosted open = blobs.findStored(digests.get(2), Blobs.TICKETS).orElseThrow();
    assertThat(swarms.last().hasLeft).isFalse();
    guard("quota = 1, quota-low-percent = 0").run();
    assertThat(swarms.last().hasLeft).isTrue();
    assertThat(open.blob().isClosed()).isTrue();
    assertThat(blobs.find(digests.get(2))).isEmpty();
  }

  @Test
  void run_leavesAloneWhatHasAReader() throws IOException {
    List<Digest> digests = store();
    LiveBlob read = blobs.findStored(digests.get(2), Blobs.TICKETS).orElseThrow().blob();
    LiveBlob.Reader reader = read.addReader(0);
    SpaceGuard guard = guard("quota = 1, quota-low-percent = 0");
    guard.run();
    assertThat(guard.evictedBlobs()).isEqualTo(2);
    assertThat(folderOf(digests.get(2))).exists();
    assertThat(read.has(0)).isTrue();
    reader.close();
    guard.run();
    assertThat(folderOf(digests.get(2))).doesNotExist();
  }

  @Test
  void run_leavesAloneWhatIsBeingDownloaded() throws IOException {
    LiveBlob growing = host(Blobs.content(BLOB_BYTES)).blob();
    guard("quota = 1, quota-low-percent = 0").run();
    assertThat(growing.isClosed()).isFalse();
    growing.want(false);
    guard("quota = 1, quota-low-percent = 0").run();
    assertThat(growing.isClosed()).isTrue();
  }

  @Test
  void run_leavesAloneWhatSomebodyHasJustAskedFor() throws IOException {
    List<Digest> digests = store();
    blobs.findStored(digests.get(2), Blobs.TICKETS);
    blobs.find(digests.get(2)); // noted by the store's clock: now
    SpaceGuard guard =
        new SpaceGuard(
            blobs,
            store,
            SpaceSettings.from(
                ConfigFactory.parseString("layercast.engine.store.space.quota = 1")
                    .withFallback(ConfigFactory.defaultReference())),
            true,
            disk,
            Instant::now);
    guard.run();
    assertThat(guard.evictedBlobs()).isEqualTo(2);
    assertThat(folderOf(digests.get(2))).exists();
  }

  @Test
  void run_belowTheFloor_refusesWritesUntilThereIsRoom() throws IOException {
    byte[] content = Blobs.content(BLOB_BYTES);
    LiveBlob blob = host(content).blob();
    Blobs.learnAll(blob, content);
    SpaceGuard guard = guard("free-low-percent = 10, free-floor-percent = 5");
    disk.free = 49_999_999;
    guard.run();
    assertThat(guard.isShort()).isTrue();
    assertThat(Blobs.store(blob, content, 0)).isEqualTo(SharedBlob.Stored.NOT_STORED);
    assertThat(blob.writeFailure()).isPresent();
    disk.free = 500_000_000;
    guard.run();
    assertThat(Blobs.store(blob, content, 0)).isEqualTo(SharedBlob.Stored.STORED);
  }

  /** The look is repeated until one throws. */
  @Test
  void run_onABrokenDisk_looksAgain() throws IOException {
    List<Digest> digests = store();
    SpaceGuard guard = guard("quota = 1, quota-low-percent = 0");
    disk.isBroken = true;
    guard.run();
    disk.isBroken = false;
    guard.run();
    assertThat(guard.evictedBlobs()).isEqualTo(digests.size());
  }
}
