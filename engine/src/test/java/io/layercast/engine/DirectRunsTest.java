package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.stream.Attributes;
import akka.stream.testkit.TestSubscriber;
import akka.stream.testkit.javadsl.TestSink;
import akka.util.ByteString;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.store.BlobStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A blob's bytes through a stream to a socket, in whose place the test sends them. */
class DirectRunsTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          "DirectRunsTest", ConfigFactory.parseString("akka.actor.provider = local"));
  private static final byte[] CONTENT = Blobs.content(5_000_000);
  private static final Digest DIGEST = Digest.sha256Of(CONTENT);
  private static final PieceLayout LAYOUT = PieceLayout.forSize(CONTENT.length);
  private static final int DAMAGED = 2;

  @TempDir Path folder;
  private final ExecutorService disk = Executors.newSingleThreadExecutor();
  private final DirectRuns runs = new DirectRuns();
  private final FullSocket socket = new FullSocket();
  private final Semaphore woken = new Semaphore(0);
  private BlobStore store;
  private LiveBlob blob;

  @BeforeEach
  void storeAll() throws IOException {
    store = BlobStore.open(folder);
    blob = LiveBlob.of(store.openOrCreate(DIGEST, LAYOUT, 0), disk, true);
    Blobs.learnAll(blob, CONTENT);
    for (int piece = 0; piece < LAYOUT.pieceCount(); piece++) {
      Blobs.store(blob, CONTENT, piece);
    }
    blob.seal();
  }

  @AfterEach
  void close() throws IOException {
    blob.close();
    store.close();
    disk.shutdownNow();
  }

  @AfterAll
  static void shutdown() {
    KIT.shutdownTestKit();
  }

  @Test
  void bytesGoFromTheDiskToTheSocket() throws Exception {
    var probe = read(100_000, OptionalLong.of(4_900_000));
    assertThat(socket.taken.size()).isZero();
    while (socket.taken.size() < 4_800_000) {
      StandIn next = runs.claim(probe.requestNext()).orElseThrow();
      while (next.send(socket, woken::release) == StandIn.Sent.FULL) {
        socket.room = 300_000;
      }
    }
    probe.request(1);
    probe.expectComplete();
    assertThat(socket.taken.toByteArray())
        .isEqualTo(Arrays.copyOfRange(CONTENT, 100_000, 4_900_000));
  }

  @Test
  void anotherElement_standsForItself() {
    var probe = read(0, OptionalLong.empty());
    ByteString first = probe.requestNext();

    assertThat(runs.claim(ByteString.fromArray(first.toArray()))).isEmpty();
    assertThat(runs.claim(first)).isPresent();
    assertThat(runs.claim(first)).isEmpty();
  }

  @Test
  void damagedPiece_isNotSentAndWaitedFor() throws Exception {
    damage();
    socket.room = Integer.MAX_VALUE;
    var probe = read(0, OptionalLong.empty());
    StandIn first = runs.claim(probe.requestNext()).orElseThrow();

    assertThat(first.send(socket, woken::release)).isEqualTo(StandIn.Sent.WAITS);
    assertThat(socket.taken.size()).isEqualTo(LAYOUT.offsetOf(DAMAGED));
    assertThat(blob.readerPieces()).containsExactly(DAMAGED);

    probe.request(1); // as a stage with a buffer would
    Blobs.store(blob, CONTENT, DAMAGED);
    assertThat(woken.tryAcquire(3, TimeUnit.SECONDS)).isTrue();
    assertThat(first.send(socket, woken::release)).isEqualTo(StandIn.Sent.ALL);
    assertThat(runs.claim(probe.expectNext()).orElseThrow().send(socket, woken::release))
        .isEqualTo(StandIn.Sent.ALL);
    probe.expectComplete();
    assertThat(socket.taken.toByteArray()).isEqualTo(CONTENT);
  }

  @Test
  void whatNobodyBrings_isNotWaitedFor() throws Exception {
    damage();
    socket.room = Integer.MAX_VALUE;
    StandIn first = runs.claim(read(0, OptionalLong.empty()).requestNext()).orElseThrow();
    assertThat(first.send(socket, woken::release)).isEqualTo(StandIn.Sent.WAITS);

    blob.interrupt(new IOException("no source is left"));
    assertThat(woken.tryAcquire(3, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> first.send(socket, woken::release))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not to be had");
  }

  private TestSubscriber.Probe<ByteString> read(long from, OptionalLong to) {
    return blob.read(from, to)
        .addAttributes(Attributes.apply(runs))
        .runWith(TestSink.create(KIT.system()), KIT.system());
  }

  private void damage() throws IOException {
    try (Stream<Path> files = Files.walk(folder);
        FileChannel data =
            FileChannel.open(
                files.filter(file -> file.endsWith("data")).findAny().orElseThrow(),
                StandardOpenOption.WRITE)) {
      data.write(ByteBuffer.allocate(1), LAYOUT.offsetOf(DAMAGED) + 1);
      data.write(ByteBuffer.allocate(7), LAYOUT.offsetOf(DAMAGED) + 10);
    }
  }

  /** Takes as many bytes as there is room for. */
  private static final class FullSocket implements WritableByteChannel {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private int room;

    @Override
    public int write(ByteBuffer bytes) {
      int count = Math.min(room, bytes.remaining());
      byte[] some = new byte[count];
      bytes.get(some);
      taken.writeBytes(some);
      room -= count;
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
