package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.Done;
import akka.NotUsed;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.DispatcherSelector;
import akka.stream.SystemMaterializer;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.rate.RateLimiter;
import io.layercast.engine.store.BlobStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent whose swarm brings only what the test stores, and a proxy with every fault. */
class AgentLayersTest {
  private static final byte[] CONTENT = Blobs.content(1_500_000);

  @TempDir Path folder;
  private final ActorTestKit kit =
      ActorTestKit.create(
          "AgentLayersTest",
          ConfigFactory.parseString(
                  """
                  akka.actor.provider = local
                  layercast.engine.agent { progress-timeout = 300 ms, verdict-timeout = 300 ms
                    min-reopen-backoff = 10 ms, max-reopen-backoff = 20 ms, tries = 100 }
                  """)
              .withFallback(ConfigFactory.load()));
  private final Executor disk =
      kit.system()
          .dispatchers()
          .lookup(DispatcherSelector.fromConfig(EngineSettings.DISK_DISPATCHER));
  private final FakeSwarms swarms = new FakeSwarms();
  private final FakeCatalog catalog = new FakeCatalog(CONTENT);
  private final FakePulls pulls = new FakePulls();
  private BlobStore store;
  private LiveBlobs blobs;
  private RateLimiter download;
  private AgentLayers layers;

  @BeforeEach
  void start() throws IOException {
    store = BlobStore.open(folder);
    blobs = new LiveBlobs(store, swarms, disk);
    PieceBuffers buffers = new PieceBuffers(32 * 1024 * 1024);
    download = RateLimiter.create(0, kit.system());
    layers =
        AgentLayers.create(
            kit.system(),
            new AgentNode(
                blobs,
                catalog,
                new PieceInflow(
                    buffers, download, disk, SystemMaterializer.get(kit.system()).materializer()),
                buffers,
                download,
                disk,
                pulls,
                EngineSettings.from(kit.system().settings().config())));
  }

  @AfterEach
  void stop() throws IOException {
    kit.shutdownTestKit();
    blobs.close();
    store.close();
  }

  private Layers.Answer open(OriginAccess access) throws Exception {
    return layers.open(access, catalog.digest()).toCompletableFuture().get(5, TimeUnit.SECONDS);
  }

  private CompletableFuture<byte[]> read(Layers.Answer answer, long from, OptionalLong to) {
    return Blobs.collect(((Layers.Granted) answer).body().read(from, to), kit.system())
        .toCompletableFuture();
  }

  private CompletableFuture<byte[]> readAll(Layers.Answer answer) {
    return read(answer, 0, OptionalLong.empty());
  }

  private LiveBlob blob() {
    return (LiveBlob) swarms.last().blob;
  }

  private void swarmBringsAll() {
    Awaitility.await().until(() -> blob().knownCount() == blob().layout().pieceCount());
    for (int piece = 0; piece < blob().layout().pieceCount(); piece++) {
      assertThat(Blobs.store(blob(), CONTENT, piece)).isNotEqualTo(SharedBlob.Stored.WRONG_HASH);
    }
  }

  private void theRestComes() {
    catalog.sayAllPieces(0);
    swarmBringsAll();
    catalog.say(new LayerNews.Sealed(0));
  }

  private void isPulledOnce() throws Exception {
    CompletableFuture<byte[]> first = readAll(open(Blobs.ALICE));
    theRestComes();
    first.get(5, TimeUnit.SECONDS);
    Awaitility.await().until(() -> pulls.running.get() == 0);
  }

  @Test
  void open_readsWhatTheSwarmBringsAndAsksForEachCaller() throws Exception {
    CompletableFuture<byte[]> alice = readAll(open(Blobs.ALICE));
    CompletableFuture<byte[]> bob = readAll(open(Blobs.BOB));
    assertThat(catalog.openedBy()).containsExactly(Blobs.ALICE, Blobs.BOB);
    assertThat(swarms.members).hasSize(1);
    assertThat(blob().isWanted()).isTrue();
    catalog
        .streams()
        .getFirst()
        .offer(new LayerNews.PieceKnown(7, 0, Blobs.proof(CONTENT, PieceLayout.forSize(5), 0, 0)));
    PieceLayout layout = blob().layout();
    for (int piece = 0; piece < layout.pieceCount(); piece++) {
      catalog
          .streams()
          .getFirst()
          .offer(new LayerNews.PieceKnown(0, piece, Blobs.proof(CONTENT, layout, 0, piece)));
    }
    swarmBringsAll();
    assertThat(alice).isNotDone();
    catalog.streams().getFirst().offer(new LayerNews.Sealed(0));
    assertThat(alice.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    assertThat(bob.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    Awaitility.await().until(() -> pulls.running.get() == 0);
    assertThat(readAll(open(Blobs.BOB)).get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    assertThat(catalog.fetches()).isZero();
    assertThat(swarms.last().hasLeft).isFalse();
    Awaitility.await()
        .until(() ->
            pulls.results().equals(List.of(PullReport.Result.DONE, PullReport.Result.CACHED)));
    PullReport done = pulls.reports.getFirst();
    assertThat(done.sizeBytes()).isEqualTo(CONTENT.length);
    assertThat(done.storedBytes()).isZero();
    assertThat(done.slowestWait().piece()).isBetween(0, layout.pieceCount() - 1);
    assertThat(pulls.reports.getLast().storedBytes()).isEqualTo(CONTENT.length);
    assertThat(pulls.refused).hasValue(0);
  }

  @Test
  void read_whenTheSwarmStalls_comesFromAProxy() throws Exception {
    CompletableFuture<byte[]> read = readAll(open(Blobs.ALICE));
    catalog.sayAllPieces(0);
    catalog.say(new LayerNews.Sealed(0));
    assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    assertThat(catalog.fetches()).isBetween(1, 5);
    long piece = PieceLayout.forSize(CONTENT.length).pieceBytes();
    assertThat(catalog.fetchedBytes().get(0)).as("it may only be slow").isEqualTo(piece);
    assertThat(catalog.fetchedBytes().get(1)).as("it brought nothing").isGreaterThan(piece);
  }

  @Test
  void piecesOverHttp_whenTheirCallerIsRefusedMeanwhile_areTheLast() throws Exception {
    CompletableFuture<String> fetched = new CompletableFuture<>();
    catalog.fetchingAfter(fetched);
    CompletableFuture<byte[]> alice = readAll(open(Blobs.ALICE));
    catalog.sayAllPieces(0);
    Awaitility.await().until(() -> catalog.fetches() == 1);
    catalog.answering(new LayerCatalog.Refused(new Refusal(401, List.of(), "{}", 0)));
    catalog.down(true);
    catalog.streams().getFirst().fail(new IOException("proxy gone"));
    Awaitility.await().until(() -> catalog.openedBy().size() == 2);
    fetched.complete("");
    Awaitility.await().until(() -> blob().has(0));
    catalog.down(false);

    CompletableFuture<byte[]> bob = readAll(open(Blobs.BOB));
    assertThat(catalog.fetches()).isEqualTo(1);
    catalog.say(new LayerNews.Sealed(0));
    swarmBringsAll();
    assertThat(bob.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    assertThat(alice.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    Awaitility.await().until(() -> pulls.results().equals(List.of(PullReport.Result.DONE)));
    assertThat(pulls.reports.getFirst().storedBytes()).as("when its actor began").isZero();
  }

  @Test
  void news_thatBreaks_isOpenedAgain() throws Exception {
    CompletableFuture<byte[]> read = readAll(open(Blobs.ALICE));
    catalog.streams().getFirst().fail(new IOException("proxy gone"));
    Awaitility.await().until(() -> catalog.streams().size() == 2);
    theRestComes();
    assertThat(read.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
  }

  /** Its caller comes back with another credential, if it has one. */
  @Test
  void news_thatIsRefusedToTheLastCaller_endsTheRead() throws Exception {
    CompletableFuture<byte[]> read = readAll(open(Blobs.ALICE));
    catalog.answering(new LayerCatalog.Refused(new Refusal(401, List.of(), "{}", 0)));
    catalog.streams().getFirst().fail(new IOException("proxy gone"));
    assertThatThrownBy(() -> read.get(5, TimeUnit.SECONDS)).hasMessageContaining("401");
    Awaitility.await().until(() -> pulls.running.get() == 0);
    assertThat(blob().isInUse()).isFalse();

    CompletableFuture<byte[]> again = readAll(open(Blobs.ALICE));
    theRestComes();
    assertThat(again.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
  }

  @Test
  void news_whileTheOriginIsBusy_isOpenedAgain() throws Exception {
    CompletableFuture<byte[]> read = readAll(open(Blobs.ALICE));
    catalog.answering(
        new LayerCatalog.Refused(new Refusal(429, List.of(), "{}", 60)),
        new LayerCatalog.Refused(new Refusal(503, List.of(), "{}", 60)));
    catalog.streams().getFirst().fail(new IOException("proxy gone"));
    Awaitility.await().until(() -> catalog.streams().size() == 2);
    theRestComes();
    assertThat(read.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
  }

  @Test
  void blob_thatWasEvictedAfterAFullDisk_isPulledAnew() throws Exception {
    CompletableFuture<byte[]> read = readAll(open(Blobs.ALICE));
    blob().failWrites(new IOException("no space left"));
    assertThat(read.get(5, TimeUnit.SECONDS)).as("past the store").isEqualTo(CONTENT);
    Awaitility.await()
        .until(() -> {
          blobs.evict(catalog.digest(), _ -> true);
          return blobs.find(catalog.digest()).isEmpty();
        });

    CompletableFuture<byte[]> again = readAll(open(Blobs.BOB));
    theRestComes();
    assertThat(again.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    Awaitility.await().until(() -> pulls.running.get() == 0);
  }

  /** Its download has ended, and no peer has the piece. */
  @Test
  void pieceThatIsLostWhileAWholeBlobIsRead_isGotFromTheProxy() throws Exception {
    isPulledOnce();
    Blobs.damage(folder, CONTENT.length);

    assertThat(readAll(open(Blobs.BOB)).get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    assertThat(catalog.fetchedBytes()).containsExactly((long) blob().layout().pieceBytes());
    assertThat(blob().isComplete()).isTrue();
    Awaitility.await().until(() -> pulls.running.get() == 0);
  }

  @Test
  void pieceThatIsLostWhileTheProxiesHaveNoRoom_isReadFromThem() throws Exception {
    isPulledOnce();
    Blobs.damage(folder, CONTENT.length);
    LayerCatalog.Relayed relayed = new LayerCatalog.Relayed(OptionalLong.of(CONTENT.length));
    catalog.answering(relayed, relayed);

    assertThat(readAll(open(Blobs.BOB)).get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
  }

  @Test
  void dataFolderThatIsEmptied_isFilledAgain() throws Exception {
    isPulledOnce();
    try (Stream<Path> files = Files.walk(folder.resolve("blobs"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    Files.createDirectory(folder.resolve("blobs"));

    CompletableFuture<byte[]> again = readAll(open(Blobs.BOB));
    theRestComes();
    assertThat(again.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    assertThat(store.list()).containsExactly(catalog.digest());
  }

  @Test
  void blob_thatIsCompleteWithoutAVerdict_isSealedByTheAgent() throws Exception {
    CompletableFuture<byte[]> read = readAll(open(Blobs.ALICE));
    catalog.sayAllPieces(0);
    catalog.down(true);
    swarmBringsAll();
    catalog.streams().getFirst().fail(new IOException("proxy gone"));
    assertThat(read.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    assertThat(blob().state()).isEqualTo(SharedBlob.State.SEALED);
  }

  @Test
  void read_whenEverythingIsGone_fails() throws Exception {
    CompletableFuture<byte[]> read = readAll(open(Blobs.ALICE));
    catalog.down(true);
    catalog.streams().getFirst().fail(new IOException("proxy gone"));
    assertThatThrownBy(() -> read.get(10, TimeUnit.SECONDS)).hasMessageContaining("tried to get");
  }

  @Test
  void sealedBlob_isNotOfferedToAProxyThatSaysItHasIt() throws Exception {
    CompletableFuture<byte[]> first = readAll(open(Blobs.ALICE));
    theRestComes();
    assertThat(first.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);

    CompletableFuture<Done> heard = new CompletableFuture<>();
    LayerCatalog.Swarmed swarmed = (LayerCatalog.Swarmed) catalog.swarmed(0);
    Source<LayerNews, NotUsed> news =
        Source.<LayerNews>single(new LayerNews.Sealed(0))
            .watchTermination((used, end) -> {
              end.thenAccept(heard::complete);
              return used;
            });
    catalog.answering(new LayerCatalog.Swarmed(swarmed.ticket(), news));
    assertThat(readAll(open(Blobs.ALICE)).get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    heard.get(5, TimeUnit.SECONDS);
    assertThat(catalog.offers()).isEmpty();
  }

  @Test
  void sealedBlob_isOfferedToAProxyThatDoesNotSayItHasIt() throws Exception {
    CompletableFuture<byte[]> first = readAll(open(Blobs.ALICE));
    theRestComes();
    assertThat(first.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    LiveBlob sealed = blob();

    var _ = readAll(open(Blobs.ALICE)).get(5, TimeUnit.SECONDS);
    Awaitility.await().until(() -> !catalog.offers().isEmpty());
    assertThat(catalog.offers()).containsExactly(sealed.held());
  }

  @Test
  void news_thatBreak_areReopenedWithWhatIsKnown_andWhatIsHeldIsOffered() throws Exception {
    var _ = readAll(open(Blobs.ALICE));
    catalog.sayAllPieces(0);
    Awaitility.await().until(() -> blob().knownCount() == blob().layout().pieceCount());
    Blobs.store(blob(), CONTENT, 0);
    Blobs.store(blob(), CONTENT, 2);
    assertThat(catalog.openedWith()).containsExactly(Optional.empty());
    assertThat(catalog.offers()).isEmpty();

    catalog.streams().getFirst().fail(new IOException("proxy gone"));

    Awaitility.await().until(() -> !catalog.offers().isEmpty());
    int last = blob().layout().pieceCount() - 1;
    assertThat(blob().has(last)).isFalse();
    assertThat(catalog.openedWith().getLast())
        .contains(
            new LayerNews.PieceKnown(0, last, Blobs.proof(CONTENT, blob().layout(), 0, last)));
    assertThat(catalog.offers()).containsExactly(blob().held());
    assertThat(blob().held().pieces())
        .extracting(LayerNews.PieceKnown::index)
        .containsExactly(0, 2);
    assertThat(swarms.last().met).endsWith(Blobs.TICKETS.peerAddress());
  }

  @Test
  void news_ofAProxyInAnEarlierGeneration_areAskedForAgain() throws Exception {
    catalog.answering(catalog.swarmed(1));
    CompletableFuture<byte[]> read = readAll(open(Blobs.ALICE));
    catalog.answering(catalog.swarmed(0), catalog.swarmed(1));
    catalog.streams().getFirst().fail(new IOException("proxy gone"));
    Awaitility.await().until(() -> catalog.streams().size() == 3);
    catalog.sayAllPieces(1);
    swarmBringsAll();
    catalog.say(new LayerNews.Sealed(1));
    assertThat(read.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
  }

  @Test
  void read_ofARejectedGeneration_goesOnWithTheNextIfNothingWentOut() throws Exception {
    CompletableFuture<byte[]> read = readAll(open(Blobs.ALICE));
    Swarms.Member first = swarms.last();
    catalog.answering(catalog.swarmed(1));
    catalog.say(new LayerNews.Rejected(0, "wrong"));
    Awaitility.await().until(() -> catalog.streams().size() == 2);
    assertThat(((FakeSwarms.FakeMember) first).hasLeft).isTrue();
    catalog.sayAllPieces(1);
    swarmBringsAll();
    catalog.say(new LayerNews.Sealed(1));
    assertThat(read.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
  }

  @Test
  void read_ofARejectedGeneration_failsOnceBytesWentOut() throws Exception {
    CompletableFuture<byte[]> read = readAll(open(Blobs.ALICE));
    catalog.sayAllPieces(0);
    swarmBringsAll();
    Awaitility.await().until(() -> blob().readerPieces().isEmpty());
    catalog.say(new LayerNews.Rejected(0, "wrong"));
    assertThatThrownBy(() -> read.get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(BlobRejectedException.class);
  }

  @Test
  void read_whenTheStoreFails_streamsTheRestFromAProxy() throws Exception {
    CompletableFuture<byte[]> whole = readAll(open(Blobs.ALICE));
    catalog.sayAllPieces(0);
    CompletableFuture<byte[]> part = read(open(Blobs.BOB), 700_001, OptionalLong.of(1_400_000));
    Awaitility.await().until(() -> blob().knownCount() == blob().layout().pieceCount());
    Blobs.store(blob(), CONTENT, 0);
    blob().failWrites(new IOException("No space left on device"));
    assertThat(whole.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    assertThat(part.get(5, TimeUnit.SECONDS))
        .isEqualTo(Arrays.copyOfRange(CONTENT, 700_001, 1_400_000));
    assertThat(blob().isWanted()).isFalse();
  }

  @Test
  void read_whenTheStoreFailsAndTheProxyLies_neverEndsCleanly() throws Exception {
    byte[] lie = CONTENT.clone();
    lie[1_000_000] ^= 1;
    catalog.serving(lie);
    CompletableFuture<byte[]> whole = readAll(open(Blobs.ALICE));
    catalog.sayAllPieces(0);
    CompletableFuture<byte[]> part = read(open(Blobs.BOB), 700_001, OptionalLong.of(1_400_000));
    Awaitility.await().until(() -> blob().knownCount() == blob().layout().pieceCount());
    blob().failWrites(new IOException("No space left on device"));
    assertThatThrownBy(() -> whole.get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(BlobRejectedException.class);
    assertThatThrownBy(() -> part.get(5, TimeUnit.SECONDS)).hasMessageContaining("verified");
  }

  @Test
  void read_whenTheProxiesRunOutOfRoom_goesOnPastTheStores() throws Exception {
    CompletableFuture<byte[]> read = readAll(open(Blobs.ALICE));
    PieceLayout layout = PieceLayout.forSize(CONTENT.length);
    catalog.say(new LayerNews.PieceKnown(0, 0, Blobs.proof(CONTENT, layout, 0, 0)));
    Awaitility.await().until(() -> blob().knownCount() == 1);
    Blobs.store(blob(), CONTENT, 0);
    catalog.answering(new LayerCatalog.Relayed(OptionalLong.of(CONTENT.length)));
    catalog.streams().getFirst().fail(new IOException("the blob was closed"));
    assertThat(read.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    assertThat(blob().isWanted()).isFalse();
  }

  @Test
  void open_ofWhatTheProxiesHaveNoRoomFor_readsWhatThisNodeHas() throws Exception {
    CompletableFuture<byte[]> first = readAll(open(Blobs.ALICE));
    theRestComes();
    assertThat(first.get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    catalog.serving(new byte[5]);
    catalog.answering(new LayerCatalog.Relayed(OptionalLong.of(CONTENT.length)));
    assertThat(readAll(open(Blobs.BOB)).get(5, TimeUnit.SECONDS)).isEqualTo(CONTENT);
  }

  @Test
  void open_relaysWhatTheCatalogSays() throws Exception {
    Refusal refusal = new Refusal(404, List.of(), "{}", 0);
    catalog
        .answering(new LayerCatalog.Refused(refusal))
        .answering(new LayerCatalog.Unavailable("nobody"))
        .answering(new LayerCatalog.Inline(ByteString.fromString("hello")))
        .answering(new LayerCatalog.Relayed(OptionalLong.empty()));
    assertThat(open(Blobs.ALICE)).isEqualTo(new Layers.Refused(refusal));
    assertThat(open(Blobs.ALICE)).isEqualTo(new Layers.Unavailable("nobody"));
    Layers.Answer inline = open(Blobs.ALICE);
    assertThat(readAll(inline).get(3, TimeUnit.SECONDS)).asString().isEqualTo("hello");
    assertThat(download.passedBytes()).isEqualTo("hello".length());
    assertThat(read(inline, 1, OptionalLong.of(3)).get(3, TimeUnit.SECONDS))
        .asString()
        .isEqualTo("el");
    Layers.Answer unsized = open(Blobs.ALICE);
    assertThat(((Layers.Granted) unsized).sizeBytes()).isEmpty();
    assertThat(readAll(unsized).get(3, TimeUnit.SECONDS)).isEqualTo(CONTENT);
    catalog.serving(new byte[5]);
    assertThatThrownBy(() -> readAll(unsized).get(3, TimeUnit.SECONDS))
        .hasCauseInstanceOf(BlobRejectedException.class);
  }
}
