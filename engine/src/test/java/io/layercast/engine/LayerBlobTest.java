package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.DispatcherSelector;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import akka.stream.SystemMaterializer;
import akka.stream.javadsl.Sink;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.rate.RateLimiter;
import io.layercast.engine.store.BlobStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One proxy that is a cluster of its own, and an origin with every fault. */
class LayerBlobTest {
  private static final String ADDRESS = "127.0.0.1:5005";

  @TempDir private static Path folder;
  private static ActorTestKit kit;
  private static Executor disk;
  private static BlobStore store;
  private static LiveBlobs blobs;
  private static final FakeSwarms SWARMS = new FakeSwarms();
  private static final OriginOfAll ORIGIN = new OriginOfAll();
  private static ProxyLayers layers;

  @BeforeAll
  static void start() throws IOException {
    kit =
        ActorTestKit.create(
            "LayerBlobTest",
            ConfigFactory.parseString(
                    """
                    akka.actor.provider = cluster
                    akka.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                    akka.cluster.roles = [proxy]
                    akka.cluster.jmx.enabled = off
                    akka.coordinated-shutdown.run-by-actor-system-terminate = off
                    layercast.engine.ingest { min-backoff = 10 ms, max-backoff = 20 ms
                      stall-timeout = 300 ms, longest-retry-after = 1 s, pieces-per-range = 2 }
                    layercast.engine.layer.failure-memory = 2 s
                    """)
                .withFallback(ConfigFactory.load()));
    Cluster.get(kit.system())
        .manager()
        .tell(Join.create(Cluster.get(kit.system()).selfMember().address()));
    disk =
        kit.system()
            .dispatchers()
            .lookup(DispatcherSelector.fromConfig(EngineSettings.DISK_DISPATCHER));
    store = BlobStore.open(folder);
    blobs = new LiveBlobs(store, SWARMS, disk);
    layers = ProxyLayers.create(kit.system(), node());
  }

  private static ProxyNode node() {
    return new ProxyNode(
        blobs,
        ORIGIN,
        Blobs.TICKETS,
        new PieceInflow(
            new PieceBuffers(32 * 1024 * 1024),
            RateLimiter.create(0, kit.system()),
            disk,
            SystemMaterializer.get(kit.system()).materializer()),
        disk,
        EngineSettings.from(kit.system().settings().config()),
        ADDRESS);
  }

  @AfterAll
  static void stop() throws IOException {
    kit.shutdownTestKit();
    blobs.close();
    store.close();
  }

  private static ProxyLayers.Opened open(OriginAccess access, byte[] content, boolean granted)
      throws Exception {
    return layers
        .open(access, Digest.sha256Of(content), OptionalLong.empty(), granted, Optional.empty())
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  private static byte[] read(ProxyLayers.Opened opened) throws Exception {
    LiveBlob blob = ((ProxyLayers.Here) opened).blob();
    return Blobs.collect(blob.read(0, OptionalLong.empty()), kit.system())
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  private static void pulls(byte[] content) throws Exception {
    assertThat(read(open(Blobs.ALICE, content, false))).isEqualTo(content);
  }

  @Test
  void open_byManyAtOnce_asksTheOriginForOneCopy() throws Exception {
    byte[] content = Blobs.content(5_000_000);
    FakeOriginBlobs origin = ORIGIN.with(content);
    List<CompletableFuture<ProxyLayers.Opened>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(
          layers
              .open(
                  Blobs.ALICE,
                  Digest.sha256Of(content),
                  OptionalLong.empty(),
                  i > 0,
                  Optional.empty())
              .toCompletableFuture());
    }
    for (CompletableFuture<ProxyLayers.Opened> each : all) {
      assertThat(read(each.get(10, TimeUnit.SECONDS))).isEqualTo(content);
    }
    assertThat(origin.sentBytes()).isEqualTo(content.length);
    LiveBlob blob = ((ProxyLayers.Here) all.getFirst().get()).blob();
    List<LayerNews> news =
        blob.news().runWith(Sink.seq(), kit.system()).toCompletableFuture().get();
    // 20 pieces of 256 KiB.
    assertThat(news).hasSize(21).last().isEqualTo(new LayerNews.Sealed(0));
    assertThat(SWARMS.members.stream().filter(member -> member.blob == blob)).hasSize(1);
  }

  @Test
  void open_ofABlobThatWasEvicted_fetchesItAgain() throws Exception {
    byte[] content = Blobs.content(700_003);
    FakeOriginBlobs origin = ORIGIN.with(content);
    Digest digest = Digest.sha256Of(content);
    pulls(content);
    Awaitility.await()
        .until(() -> {
          blobs.evict(digest, _ -> true); // not while the reader or the news is there
          return blobs.find(digest).isEmpty();
        });
    assertThat(store.find(digest)).isEmpty();
    // As long as the actor has not heard yet that its ingest is done, it says to come again.
    Awaitility.await().until(() -> open(Blobs.ALICE, content, true) instanceof ProxyLayers.Here);
    assertThat(read(open(Blobs.ALICE, content, true))).isEqualTo(content);
    assertThat(origin.sentBytes()).isEqualTo(2L * content.length);
  }

  @Test
  void open_withoutAGrantOfAKnownBlob_needsConsent() throws Exception {
    byte[] content = Blobs.content(600_001);
    ORIGIN.with(content);
    pulls(content);
    assertThat(open(Blobs.BOB, content, false)).isInstanceOf(ProxyLayers.NeedsConsent.class);
    assertThat(read(open(Blobs.BOB, content, true))).isEqualTo(content);
  }

  @Test
  void open_refusedToOne_isTriedForTheNext() throws Exception {
    byte[] content = Blobs.content(600_002);
    ORIGIN.with(content).onlyFor(Blobs.BOB.credential());
    var alice =
        layers.open(
            Blobs.ALICE, Digest.sha256Of(content), OptionalLong.empty(), false, Optional.empty());
    var bob =
        layers.open(
            Blobs.BOB, Digest.sha256Of(content), OptionalLong.empty(), false, Optional.empty());
    assertThat(alice.toCompletableFuture().get(10, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            ProxyLayers.Refused.class,
            refused -> assertThat(refused.refusal().status()).isEqualTo(401));
    assertThat(read(bob.toCompletableFuture().get(10, TimeUnit.SECONDS))).isEqualTo(content);
  }

  @Test
  void ingest_ofAnOriginThatIgnoresRange_takesOneCopy() throws Exception {
    byte[] content = Blobs.content(4_000_003);
    FakeOriginBlobs origin = ORIGIN.with(content).ignoringRange();
    pulls(content);
    assertThat(origin.sentBytes()).isEqualTo(content.length);
  }

  @Test
  void ingest_ofCutBodies_fetchesTheRest() throws Exception {
    byte[] content = Blobs.content(5_000_004);
    ORIGIN.with(content).cut(4);
    pulls(content);
  }

  @Test
  void ingest_ofAnOriginThatIgnoresRangeAndCuts_getsThrough() throws Exception {
    byte[] content = Blobs.content(4_500_004);
    ORIGIN.with(content).ignoringRange().cut(2);
    pulls(content);
  }

  @Test
  void ingest_ofWrongBytesOnce_isRightInTheNextGeneration() throws Exception {
    byte[] content = Blobs.content(900_005);
    ORIGIN.with(content).wrong(1);
    ProxyLayers.Opened first = open(Blobs.ALICE, content, false);
    List<LayerNews> news =
        ((ProxyLayers.Here) first)
            .blob()
            .news()
            .runWith(Sink.seq(), kit.system())
            .toCompletableFuture()
            .get();
    assertThat(news.getLast()).isInstanceOf(LayerNews.Rejected.class);
    ProxyLayers.Opened second = open(Blobs.ALICE, content, true);
    assertThat(((ProxyLayers.Here) second).ticket().generation()).isEqualTo(1);
    assertThat(read(second)).isEqualTo(content);
  }

  @Test
  void ingest_ofWrongBytesTwice_failsAndIsForgotten() throws Exception {
    byte[] content = Blobs.content(900_006);
    FakeOriginBlobs origin = ORIGIN.with(content).wrong(2);
    assertThat(open(Blobs.ALICE, content, false)).isInstanceOf(ProxyLayers.Here.class);
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(open(Blobs.BOB, content, true))
                .isInstanceOfSatisfying(
                    ProxyLayers.Unavailable.class,
                    unavailable -> assertThat(unavailable.cause()).contains("hashes to")));
    assertThat(origin.asked()).hasSize(2);
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(open(Blobs.ALICE, content, true)).isInstanceOf(ProxyLayers.Here.class));
    pulls2(content);
  }

  private static void pulls2(byte[] content) throws Exception {
    assertThat(read(open(Blobs.ALICE, content, true))).isEqualTo(content);
  }

  @Test
  void ingest_ofABusyOrigin_waitsAsLongAsItSays() throws Exception {
    byte[] content = Blobs.content(600_007);
    ORIGIN
        .with(content)
        .answering(
            FakeOriginBlobs.busy(Duration.ofMillis(300)), new OriginBlobs.Broken("no connection"));
    long start = System.nanoTime();
    pulls(content);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(290));
  }

  @Test
  void ingest_ofAVeryBusyOrigin_passesItOn() throws Exception {
    byte[] content = Blobs.content(600_008);
    ORIGIN.with(content).answering(FakeOriginBlobs.busy(Duration.ofMinutes(5)));
    assertThat(open(Blobs.ALICE, content, false))
        .isInstanceOfSatisfying(
            ProxyLayers.Refused.class,
            refused -> assertThat(refused.refusal().retryAfterSeconds()).isEqualTo(300));
  }

  @Test
  void ingest_ofABrokenOrigin_isGivenUp() throws Exception {
    byte[] content = Blobs.content(600_009);
    OriginBlobs.Reply[] broken = new OriginBlobs.Reply[10];
    java.util.Arrays.fill(broken, new OriginBlobs.Broken("no connection"));
    ORIGIN.with(content).answering(broken);
    assertThat(open(Blobs.ALICE, content, false))
        .isInstanceOfSatisfying(
            ProxyLayers.Unavailable.class,
            unavailable -> assertThat(unavailable.cause()).contains("no connection"));
  }

  @Test
  void ingest_withoutLength_isRelayed() throws Exception {
    byte[] content = Blobs.content(600_010);
    ORIGIN.with(content).withoutSize();
    ProxyLayers.Relayed relayed = new ProxyLayers.Relayed(OptionalLong.empty());
    assertThat(open(Blobs.ALICE, content, false)).isEqualTo(relayed);
    assertThat(open(Blobs.BOB, content, false)).isInstanceOf(ProxyLayers.NeedsConsent.class);
    assertThat(open(Blobs.BOB, content, true)).isEqualTo(relayed);
  }

  @Test
  void ingest_thatTheDiskTakesNoMoreOf_isRelayedAndMakesRoom() throws Exception {
    byte[] content = Blobs.content(6_000_015);
    Digest digest = Digest.sha256Of(content);
    var gate = new CompletableFuture<akka.Done>();
    ORIGIN
        .with(content)
        .throttled(body ->
            akka.stream.javadsl.Source.completionStageSource(gate.thenApply(_ -> body))
                .mapMaterializedValue(_ -> akka.NotUsed.getInstance()));
    LiveBlob blob = ((ProxyLayers.Here) open(Blobs.ALICE, content, false)).blob();
    blob.failWrites(new IOException("No space left on device"));
    gate.complete(akka.Done.getInstance());
    ProxyLayers.Relayed relayed = new ProxyLayers.Relayed(OptionalLong.of(content.length));
    Awaitility.await()
        .untilAsserted(() -> assertThat(open(Blobs.ALICE, content, true)).isEqualTo(relayed));
    assertThat(open(Blobs.BOB, content, false)).isInstanceOf(ProxyLayers.NeedsConsent.class);
    Awaitility.await().until(() -> blobs.findStored(digest, Blobs.TICKETS).isEmpty());
    Awaitility.await() // and tries again when it has forgotten
        .untilAsserted(() ->
            assertThat(open(Blobs.ALICE, content, true)).isInstanceOf(ProxyLayers.Here.class));
    pulls2(content);
  }

  @Test
  void ingest_ofAnEmptyBlob_isSealed() throws Exception {
    byte[] content = new byte[0];
    ORIGIN.with(content);
    pulls(content);
  }

  @Test
  void ingest_thatFallsSilent_isReplaced() throws Exception {
    byte[] content = Blobs.content(600_011);
    var stalls = new java.util.concurrent.atomic.AtomicInteger(1);
    ORIGIN
        .with(content)
        .throttled(body ->
            stalls.getAndDecrement() > 0
                ? body.take(3).concat(akka.stream.javadsl.Source.never())
                : body);
    pulls(content);
  }

  @Test
  void ingest_thatDrips_isReplaced() throws Exception {
    byte[] content = Blobs.content(600_014);
    var drips = new java.util.concurrent.atomic.AtomicInteger(1);
    ORIGIN
        .with(content)
        .throttled(body ->
            drips.getAndDecrement() > 0
                ? akka.stream.javadsl.Source.tick(
                        Duration.ZERO,
                        Duration.ofMillis(20),
                        akka.util.ByteString.fromArray(content, 0, 3))
                    .mapMaterializedValue(_ -> akka.NotUsed.getInstance())
                : body);
    pulls(content);
  }

  @Test
  void ingest_whoseCredentialExpires_goesOnWithAWaitingCallers() throws Exception {
    byte[] content = Blobs.content(6_000_012);
    FakeOriginBlobs origin = ORIGIN.with(content);
    var gate = new CompletableFuture<akka.Done>();
    origin.throttled(body ->
        akka.stream.javadsl.Source.completionStageSource(gate.thenApply(_ -> body))
            .mapMaterializedValue(_ -> akka.NotUsed.getInstance()));
    ProxyLayers.Opened alice = open(Blobs.ALICE, content, false);
    assertThat(open(Blobs.BOB, content, true)).isInstanceOf(ProxyLayers.Here.class);
    origin.onlyFor(Blobs.BOB.credential());
    gate.complete(akka.Done.getInstance());
    assertThat(read(alice)).isEqualTo(content);
  }

  @Test
  void ingest_whoseCredentialExpires_endsAndGoesOnWithTheNextOpen() throws Exception {
    byte[] content = Blobs.content(6_000_013);
    FakeOriginBlobs origin = ORIGIN.with(content);
    var gate = new CompletableFuture<akka.Done>();
    origin.throttled(body ->
        akka.stream.javadsl.Source.completionStageSource(gate.thenApply(_ -> body))
            .mapMaterializedValue(_ -> akka.NotUsed.getInstance()));
    LiveBlob blob = ((ProxyLayers.Here) open(Blobs.ALICE, content, false)).blob();
    var news = blob.news().runWith(Sink.seq(), kit.system()).toCompletableFuture();
    origin.onlyFor(Blobs.BOB.credential());
    gate.complete(akka.Done.getInstance());
    Awaitility.await().until(news::isCompletedExceptionally);
    assertThat(read(open(Blobs.BOB, content, false))).isEqualTo(content);
    assertThat(origin.sentBytes()).isEqualTo(content.length);
  }

  @Test
  void ingest_ofAPartialStore_fetchesTheRestOnly() throws Exception {
    byte[] content = Blobs.content(6_000_014);
    PieceLayout layout = PieceLayout.forSize(content.length);
    Digest digest = Digest.sha256Of(content);
    FakeOriginBlobs origin = ORIGIN.with(content);
    LiveBlobs.Hosted stored = blobs.host(Blobs.TICKETS.of(digest, layout, 0), false);
    Blobs.learnAll(stored.blob(), content);
    Blobs.store(stored.blob(), content, 0);
    Blobs.store(stored.blob(), content, 3);
    pulls(content);
    assertThat(origin.sentBytes()).isEqualTo(content.length - 2L * layout.pieceBytes());
  }

  /** Peers brought what was lost while holders were searched for. */
  @Test
  void ingest_ofASealedBlobThatIsWholeByNow_ends() throws Exception {
    byte[] content = Blobs.content(700_015);
    LiveBlobs.Hosted stored = stored(content);
    stored.blob().seal();

    TestProbe<LayerIngest.Told> owner = ingest(content, stored);

    owner.expectMessage(new LayerIngest.Told(0, new LayerIngest.Begun(stored, false)));
    owner.expectMessage(new LayerIngest.Told(0, new LayerIngest.Sealed()));
  }

  @Test
  void ingest_whosePieceIsDamagedBeforeTheVerdict_fetchesItAgain() throws Exception {
    byte[] content = Blobs.content(700_016);
    FakeOriginBlobs origin = ORIGIN.with(content);
    LiveBlobs.Hosted stored = stored(content);
    Blobs.damage(folder, content.length);

    TestProbe<LayerIngest.Told> owner = ingest(content, stored);

    owner.expectMessage(new LayerIngest.Told(0, new LayerIngest.Begun(stored, false)));
    owner.expectMessage(Duration.ofSeconds(10), new LayerIngest.Told(0, new LayerIngest.Sealed()));
    assertThat(origin.sentBytes()).isEqualTo(stored.blob().layout().pieceBytes());
  }

  /** Every piece is here, and known. */
  private static LiveBlobs.Hosted stored(byte[] content) throws IOException {
    PieceLayout layout = PieceLayout.forSize(content.length);
    LiveBlobs.Hosted stored =
        blobs.host(Blobs.TICKETS.of(Digest.sha256Of(content), layout, 0), false);
    Blobs.learnAll(stored.blob(), content);
    for (int piece = 0; piece < layout.pieceCount(); piece++) {
      Blobs.store(stored.blob(), content, piece);
    }
    return stored;
  }

  private static TestProbe<LayerIngest.Told> ingest(byte[] content, LiveBlobs.Hosted stored) {
    TestProbe<LayerIngest.Told> owner = kit.createTestProbe();
    kit.spawn(
        LayerIngest.create(
            node(),
            new LayerIngest.Start(
                Digest.sha256Of(content),
                0,
                OptionalLong.empty(),
                Blobs.ALICE,
                Optional.of(stored),
                List.of(),
                false),
            owner.ref()));
    return owner;
  }
}
