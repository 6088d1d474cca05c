package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.stream.javadsl.Sink;
import akka.stream.testkit.TestSubscriber;
import akka.stream.testkit.javadsl.TestSink;
import akka.util.ByteString;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.store.BlobStore;
import io.layercast.engine.store.StoredBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveBlobTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create("LiveBlobTest", ConfigFactory.parseString("akka.actor.provider = local"));
  private static final byte[] CONTENT = Blobs.content(1_000_000);
  private static final Digest DIGEST = Digest.sha256Of(CONTENT);
  private static final PieceLayout LAYOUT = PieceLayout.forSize(CONTENT.length);

  @TempDir Path folder;
  private final ExecutorService disk = Executors.newFixedThreadPool(4);
  private BlobStore store;
  private LiveBlob blob;

  @BeforeEach
  void open() throws IOException {
    store = BlobStore.open(folder);
    blob = reopened();
  }

  private LiveBlob reopened() throws IOException {
    return LiveBlob.of(store.openOrCreate(DIGEST, LAYOUT, 0), disk, true);
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
  void store_takesOnlyWhatHashesToTheExpected() throws Exception {
    assertThat(Blobs.store(blob, CONTENT, 0)).isEqualTo(SharedBlob.Stored.NOT_STORED);
    Blobs.learnAll(blob, CONTENT);
    byte[] wrong = Blobs.piece(CONTENT, LAYOUT, 0);
    wrong[7] ^= 1;
    assertThat(blob.store(0, ByteBuffer.wrap(wrong))).isEqualTo(SharedBlob.Stored.WRONG_HASH);
    assertThat(blob.store(0, ByteBuffer.wrap(new byte[5]))).isEqualTo(SharedBlob.Stored.WRONG_HASH);
    assertThat(blob.has(0)).isFalse();
    assertThat(Blobs.store(blob, CONTENT, 0)).isEqualTo(SharedBlob.Stored.STORED);
    assertThat(Blobs.store(blob, CONTENT, 0)).isEqualTo(SharedBlob.Stored.DUPLICATE);
    assertThat(blob.have().count()).isEqualTo(1);
  }

  @Test
  void store_ofOnePieceByManyThreads_isWonByOne() throws Exception {
    Blobs.learnAll(blob, CONTENT);
    List<CompletableFuture<SharedBlob.Stored>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(CompletableFuture.supplyAsync(() -> Blobs.store(blob, CONTENT, 2), disk));
    }
    List<SharedBlob.Stored> results = all.stream().map(CompletableFuture::join).toList();
    assertThat(Collections.frequency(results, SharedBlob.Stored.STORED)).isEqualTo(1);
    assertThat(Collections.frequency(results, SharedBlob.Stored.DUPLICATE)).isEqualTo(7);
  }

  @Test
  void read_emitsPiecesAsTheyComeAndHoldsTheLastUntilSealed() throws Exception {
    Blobs.learnAll(blob, CONTENT);
    TestSubscriber.Probe<ByteString> probe =
        blob.read(0, OptionalLong.empty()).runWith(TestSink.create(KIT.system()), KIT.system());
    probe.ensureSubscription();
    probe.request(Long.MAX_VALUE);
    Awaitility.await().until(() -> blob.readerPieces().equals(List.of(0)));
    for (int piece = LAYOUT.pieceCount() - 1; piece > 0; piece--) {
      Blobs.store(blob, CONTENT, piece);
    }
    probe.expectNoMessage(
        scala.concurrent.duration.FiniteDuration.apply(50, TimeUnit.MILLISECONDS));
    Blobs.store(blob, CONTENT, 0);
    long received = 0;
    long before = LAYOUT.offsetOf(LAYOUT.pieceCount() - 1);
    while (received < before) {
      received += probe.expectNext().size();
    }
    assertThat(received).isEqualTo(before);
    probe.expectNoMessage(
        scala.concurrent.duration.FiniteDuration.apply(50, TimeUnit.MILLISECONDS));
    blob.seal();
    assertThat(received + probe.expectNext().size()).isEqualTo(CONTENT.length);
    probe.expectComplete();
    assertThat(blob.readerPieces()).isEmpty();
  }

  @Test
  void read_ofAPartNeedsNoSeal() throws Exception {
    Blobs.learnAll(blob, CONTENT);
    Blobs.store(blob, CONTENT, 0);
    Blobs.store(blob, CONTENT, 1);
    byte[] part =
        Blobs.collect(blob.read(100_000, OptionalLong.of(200_001)), KIT.system())
            .toCompletableFuture()
            .get(3, TimeUnit.SECONDS);
    assertThat(part).isEqualTo(java.util.Arrays.copyOfRange(CONTENT, 100_000, 200_001));
  }

  @Test
  void reject_failsReadersAndTellsNews() throws Exception {
    Blobs.learnAll(blob, CONTENT);
    var read = Blobs.collect(blob.read(0, OptionalLong.empty()), KIT.system());
    var news = blob.news().runWith(Sink.seq(), KIT.system()).toCompletableFuture();
    for (int piece = 0; piece < LAYOUT.pieceCount(); piece++) {
      Blobs.store(blob, CONTENT, piece);
    }
    blob.reject("test");
    assertThatThrownBy(() -> read.toCompletableFuture().get(3, TimeUnit.SECONDS))
        .hasCauseInstanceOf(BlobRejectedException.class);
    assertThat(news.get(3, TimeUnit.SECONDS)).last().isEqualTo(new LayerNews.Rejected(0, "test"));
    assertThat(blob.have().isEmpty()).isTrue();
    assertThat(store.find(DIGEST)).isEmpty();
    assertThat(Blobs.store(blob, CONTENT, 0)).isEqualTo(SharedBlob.Stored.NOT_STORED);
  }

  @Test
  void news_tellsTheKnownThenTheNewThenTheVerdict() throws Exception {
    blob.learn(2, Blobs.proof(CONTENT, LAYOUT, 0, 2));
    TestSubscriber.Probe<LayerNews> probe =
        blob.news().runWith(TestSink.create(KIT.system()), KIT.system());
    probe.request(10);
    probe.expectNext(new LayerNews.PieceKnown(0, 2, Blobs.proof(CONTENT, LAYOUT, 0, 2)));
    blob.learn(0, Blobs.proof(CONTENT, LAYOUT, 0, 0));
    probe.expectNext(new LayerNews.PieceKnown(0, 0, Blobs.proof(CONTENT, LAYOUT, 0, 0)));
    blob.seal();
    probe.expectNext(new LayerNews.Sealed(0));
    probe.expectComplete();
  }

  @Test
  void interrupt_failsOpenStreamsOnly() throws Exception {
    var news = blob.news().runWith(Sink.seq(), KIT.system()).toCompletableFuture();
    var read = Blobs.collect(blob.read(0, OptionalLong.empty()), KIT.system());
    Awaitility.await().until(blob::hasReaders);
    blob.interrupt(new IOException("moved"));
    assertThatThrownBy(() -> news.get(3, TimeUnit.SECONDS)).hasMessageContaining("moved");
    assertThatThrownBy(() -> read.toCompletableFuture().get(3, TimeUnit.SECONDS))
        .hasMessageContaining("moved");
    Blobs.learnAll(blob, CONTENT);
    blob.seal();
    assertThat(blob.news().runWith(Sink.seq(), KIT.system()).toCompletableFuture().get())
        .hasSize(LAYOUT.pieceCount() + 1);
  }

  /** A stream may begin just after all others were told that nobody brings anything. */
  @Test
  void interrupt_failsWhatIsOpenedBeforeSomebodyBringsTheRest() {
    blob.interrupt(new IOException("moved"));

    var news = blob.news().runWith(Sink.seq(), KIT.system()).toCompletableFuture();

    assertThatThrownBy(() -> news.get(3, TimeUnit.SECONDS)).hasMessageContaining("moved");
    blob.want(false);
    TestSubscriber.Probe<LayerNews> probe =
        blob.news().runWith(TestSink.create(KIT.system()), KIT.system());
    probe.request(1);
    blob.learn(2, Blobs.proof(CONTENT, LAYOUT, 0, 2));
    probe.expectNext(new LayerNews.PieceKnown(0, 2, Blobs.proof(CONTENT, LAYOUT, 0, 2)));
  }

  @Test
  void reopen_knowsAndHasWhatWasStored() throws Exception {
    Blobs.learnAll(blob, CONTENT);
    Blobs.store(blob, CONTENT, 1);
    blob.close();
    blob = reopened();
    assertThat(blob.has(1)).isTrue();
    assertThat(blob.expected(1)).contains(Blobs.proof(CONTENT, LAYOUT, 0, 1).hash());
    assertThat(blob.knownCount()).isEqualTo(1);
  }

  /** A proxy that has the whole layer says so before its bytes are here; nothing may evict it. */
  @Test
  void isInUse_untilItIsComplete_thoughItIsSealed() throws Exception {
    Blobs.learnAll(blob, CONTENT);
    blob.seal();

    for (int piece = 0; piece < LAYOUT.pieceCount(); piece++) {
      assertThat(blob.isInUse()).isTrue();
      assertThat(Blobs.store(blob, CONTENT, piece)).isEqualTo(SharedBlob.Stored.STORED);
    }
    assertThat(blob.isInUse()).isFalse();
  }

  @Test
  void reopen_sealedWhilePiecesWereMissing_goesOnGrowing() throws Exception {
    Blobs.learnAll(blob, CONTENT);
    Blobs.store(blob, CONTENT, 1);
    blob.seal();
    blob.close();
    blob = reopened();
    assertThat(blob.state()).isEqualTo(SharedBlob.State.GROWING);
    assertThat(store.find(DIGEST).orElseThrow().isSealed()).isFalse();
    Blobs.learnAll(blob, CONTENT);
    for (int piece = 0; piece < LAYOUT.pieceCount(); piece++) {
      Blobs.store(blob, CONTENT, piece);
    }
    blob.seal();
    blob.close();
    blob = reopened();
    assertThat(blob.state()).isEqualTo(SharedBlob.State.SEALED);
  }

  /** What comes in place of a lost piece is judged with the rest, in this process or the next. */
  @Test
  void reopen_sealedBlobThatHasLostAPiece_isNotTakenForSealedAgain() throws Exception {
    Blobs.learnAll(blob, CONTENT);
    blob.seal();
    for (int piece = 0; piece < LAYOUT.pieceCount(); piece++) {
      assertThat(store.find(DIGEST).orElseThrow().isSealed()).isFalse();
      Blobs.store(blob, CONTENT, piece);
    }
    StoredBlob stored = store.find(DIGEST).orElseThrow();
    assertThat(stored.isSealed()).isTrue();
    blob.close();
    stored.drop(1);

    blob = reopened();
    Blobs.learnAll(blob, CONTENT);
    Blobs.store(blob, CONTENT, 1);
    blob.close();
    blob = reopened();
    assertThat(blob.isComplete()).isTrue();
    assertThat(blob.state()).isEqualTo(SharedBlob.State.GROWING);
  }

  /** It would wait for pieces that are here, and nothing would bring them. */
  @Test
  void reopen_onADiskThatCannotBeRead_fails() throws Exception {
    Blobs.learnAll(blob, CONTENT);
    Blobs.store(blob, CONTENT, 0);
    blob.close();
    StoredBlob stored = store.find(DIGEST).orElseThrow();
    try (Stream<Path> files = Files.walk(folder)) {
      Path proofs = files.filter(file -> file.endsWith("proofs")).findFirst().orElseThrow();
      Files.move(proofs.getParent(), folder.resolve("aside"));
    }
    assertThatThrownBy(() -> LiveBlob.of(stored, disk, true)).isInstanceOf(IOException.class);
  }

  @Test
  void learn_anotherHashOfAPieceThatIsHashed_hashesAnew() throws Exception {
    byte[] other = CONTENT.clone();
    other[0] ^= 1;
    Blobs.learnAll(blob, other);
    for (int piece = 0; piece < LAYOUT.pieceCount() - 1; piece++) {
      Blobs.store(blob, other, piece);
    }
    var wrong = blob.digestAll().toCompletableFuture();
    blob.learn(0, Blobs.proof(CONTENT, LAYOUT, 0, 0));
    assertThat(wrong).isCompletedExceptionally();
    var right = blob.digestAll().toCompletableFuture();
    Blobs.store(blob, CONTENT, 0);
    Blobs.store(blob, CONTENT, LAYOUT.pieceCount() - 1);
    assertThat(right.get(3, TimeUnit.SECONDS)).isEqualTo(DIGEST);
  }

  @Test
  void learn_anotherHashOfAStoredPiece_dropsIt() throws Exception {
    byte[] other = CONTENT.clone();
    other[0] ^= 1;
    Blobs.learnAll(blob, CONTENT);
    Blobs.store(blob, CONTENT, 0);
    blob.learn(0, Blobs.proof(other, LAYOUT, 0, 0));
    assertThat(blob.has(0)).isFalse();
    assertThat(Blobs.store(blob, CONTENT, 0)).isEqualTo(SharedBlob.Stored.WRONG_HASH);
    assertThat(Blobs.store(blob, other, 0)).isEqualTo(SharedBlob.Stored.STORED);
    byte[] first = new byte[1];
    blob.read(0, 0, ByteBuffer.wrap(first, 0, 1));
    assertThat(first[0]).isEqualTo(other[0]);
  }

  @Test
  void digestAll_hashesPiecesInWhateverOrderTheyCome() throws Exception {
    Blobs.learnAll(blob, CONTENT);
    var digest = blob.digestAll().toCompletableFuture();
    List<Integer> order = new ArrayList<>(blobPieces());
    Collections.shuffle(order, new java.util.Random(7));
    List<CompletableFuture<Void>> stores = new ArrayList<>();
    for (int piece : order) {
      assertThat(digest).isNotDone();
      stores.add(CompletableFuture.runAsync(() -> Blobs.store(blob, CONTENT, piece), disk));
    }
    stores.forEach(CompletableFuture::join);
    assertThat(digest.get(3, TimeUnit.SECONDS)).isEqualTo(DIGEST);
  }

  private static List<Integer> blobPieces() {
    return java.util.stream.IntStream.range(0, LAYOUT.pieceCount()).boxed().toList();
  }

  @Test
  void emptyBlob_isReadWhenSealed() throws Exception {
    Digest digest = Digest.sha256Of(new byte[0]);
    try (LiveBlob empty =
        LiveBlob.of(store.openOrCreate(digest, PieceLayout.forSize(0), 0), disk, false)) {
      var read = Blobs.collect(empty.read(0, OptionalLong.empty()), KIT.system());
      assertThat(empty.digestAll().toCompletableFuture().get(3, TimeUnit.SECONDS))
          .isEqualTo(digest);
      assertThat(read.toCompletableFuture()).isNotDone();
      empty.seal();
      assertThat(read.toCompletableFuture().get(3, TimeUnit.SECONDS)).isEmpty();
    }
  }
}
