package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.store.BlobStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveBlobsTest {
  private static final byte[] CONTENT = Blobs.content(600_000);
  private static final PieceLayout LAYOUT = PieceLayout.forSize(CONTENT.length);
  private static final Digest DIGEST = Digest.sha256Of(CONTENT);

  @TempDir Path folder;
  private final ExecutorService disk = Executors.newSingleThreadExecutor();
  private final FakeSwarms swarms = new FakeSwarms();

  @AfterEach
  void stop() {
    disk.shutdownNow();
  }

  @Test
  void seedAll_joinsTheSwarmOfWhatTheDiskHolds() throws IOException {
    try (BlobStore store = BlobStore.open(folder);
        LiveBlobs blobs = new LiveBlobs(store, swarms, disk)) {
      LiveBlob blob = blobs.host(Blobs.TICKETS.of(DIGEST, LAYOUT, 1), false).blob();
      Blobs.learnAll(blob, CONTENT);
      Blobs.store(blob, CONTENT, 2);
    }
    assertThat(swarms.last().hasLeft).isTrue();
    try (BlobStore store = BlobStore.open(folder);
        LiveBlobs blobs = new LiveBlobs(store, swarms, disk)) {
      assertThat(blobs.seedAll(Blobs.TICKETS)).isEqualTo(1);
      assertThat(blobs.seedAll(Blobs.TICKETS)).isEqualTo(1);
      assertThat(swarms.members).hasSize(2);
      assertThat(swarms.last().ticket).isEqualTo(Blobs.TICKETS.of(DIGEST, LAYOUT, 1));
      assertThat(swarms.last().blob.has(2)).isTrue();
      assertThat(swarms.last().blob.isWanted()).isFalse();
    }
  }

  @Test
  void host_ofAnotherGeneration_endsTheFirst() throws IOException {
    try (BlobStore store = BlobStore.open(folder);
        LiveBlobs blobs = new LiveBlobs(store, swarms, disk)) {
      LiveBlobs.Hosted first = blobs.host(Blobs.TICKETS.of(DIGEST, LAYOUT, 0), true);
      assertThat(blobs.host(Blobs.TICKETS.of(DIGEST, LAYOUT, 0), true)).isSameAs(first);
      LiveBlobs.Hosted second = blobs.host(Blobs.TICKETS.of(DIGEST, LAYOUT, 1), true);
      assertThat(swarms.members.getFirst().hasLeft).isTrue();
      blobs.drop(first);
      assertThat(blobs.find(DIGEST)).contains(second);
      assertThat(swarms.last().hasLeft).isFalse();
    }
  }
}
