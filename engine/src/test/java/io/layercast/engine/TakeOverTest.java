package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.store.BlobStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An ingest that another proxy had begun: that one is gone, what it gave to an agent is not. */
class TakeOverTest {
  private static final int PIECE = PieceLayout.CHUNK_BYTES;
  private static final OriginOfAll ORIGIN = new OriginOfAll();
  private static final NearSwarms SWARMS = new NearSwarms();

  @TempDir private static Path folder;

  /** Waits long for peers: those tests count what the origin sent. */
  private static ProxyFixture proxy;

  /** Waits briefly: those tests have peers that bring nothing. */
  private static ProxyFixture hasty;

  private static BlobStore agentStore;
  private static LiveBlobs agent;

  @BeforeAll
  static void start() throws IOException {
    proxy = proxy("proxy", "20 s");
    hasty = proxy("hasty", "300 ms");
    agentStore = BlobStore.open(folder.resolve("agent"));
    agent = new LiveBlobs(agentStore, SWARMS, Runnable::run);
  }

  private static ProxyFixture proxy(String name, String patience) throws IOException {
    ProxyFixture proxy =
        new ProxyFixture(
            name,
            folder,
            ORIGIN,
            SWARMS,
            """
            layercast.engine.ingest { take-over-grace = 1 s, peer-patience = %s
              min-backoff = 10 ms, max-backoff = 20 ms, tries = 2 }
            """
                .formatted(patience));
    ProxyFixture.join(proxy);
    return proxy;
  }

  @AfterAll
  static void stop() throws IOException {
    proxy.close();
    hasty.close();
    agent.close();
    agentStore.close();
    SWARMS.close();
  }

  /** The agent holds these pieces as the dead proxy gave them, whatever {@code content} is now. */
  private static LiveBlob heldByAgent(byte[] content, Digest digest, int generation, int... pieces)
      throws IOException {
    PieceLayout layout = PieceLayout.forSize(content.length);
    LiveBlob blob = agent.host(Blobs.TICKETS.of(digest, layout, generation), true).blob();
    for (int piece : pieces) {
      PieceHash hash = PieceHash.of(PieceHash.hasher().digest(Blobs.piece(content, layout, piece)));
      blob.learn(piece, Blobs.KEYS.proof(digest, generation, piece, hash));
      assertThat(Blobs.store(blob, content, piece)).isEqualTo(SharedBlob.Stored.STORED);
    }
    return blob;
  }

  /** As an agent's opening and what it then offers. */
  private static LiveBlob takenOver(ProxyFixture by, byte[] content, LiveBlob held)
      throws Exception {
    ProxyLayers.Here here = (ProxyLayers.Here) by.open(content, false, held.held().last());
    assertThat(HeldIntake.take(here.blob(), held.held(), Blobs.KEYS))
        .isInstanceOf(HeldIntake.Taken.class);
    return here.blob();
  }

  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  @Test
  void open_whenAnAgentHoldsPieces_fetchesOnlyTheRest() throws Exception {
    byte[] content = Blobs.content(12 * PIECE + 1);
    FakeOriginBlobs origin = ORIGIN.with(content);
    LiveBlob held = heldByAgent(content, Digest.sha256Of(content), 0, range(0, 7));
    LiveBlob blob = takenOver(proxy, content, held);
    assertThat(proxy.read(blob)).isEqualTo(content);
    assertThat(origin.sentBytes()).isLessThanOrEqualTo(content.length - 7L * PIECE + 1);
    assertThat(SWARMS.exchanged(blob.digest())).isGreaterThanOrEqualTo(7L * PIECE);
  }

  @Test
  void open_whenAnAgentHoldsAll_fetchesOneByteForItsConsent() throws Exception {
    byte[] content = Blobs.content(5 * PIECE + 2);
    FakeOriginBlobs origin = ORIGIN.with(content);
    LiveBlob held = heldByAgent(content, Digest.sha256Of(content), 0, range(0, 6));
    assertThat(proxy.read(takenOver(proxy, content, held))).isEqualTo(content);
    assertThat(origin.sentBytes()).isEqualTo(1);
  }

  @Test
  void open_whenTheHolderSendsNothing_fetchesItAllAfterThePatience() throws Exception {
    byte[] content = Blobs.content(6 * PIECE + 3);
    FakeOriginBlobs origin = ORIGIN.with(content);
    SWARMS.silence(Digest.sha256Of(content));
    LiveBlob held = heldByAgent(content, Digest.sha256Of(content), 0, range(0, 5));
    assertThat(hasty.read(takenOver(hasty, content, held))).isEqualTo(content);
    assertThat(origin.sentBytes()).isEqualTo(content.length + 1);
  }

  @Test
  void open_whenTheHolderLies_storesNothingWrong() throws Exception {
    byte[] content = Blobs.content(6 * PIECE + 4);
    FakeOriginBlobs origin = ORIGIN.with(content);
    SWARMS.lie(Digest.sha256Of(content));
    LiveBlob held = heldByAgent(content, Digest.sha256Of(content), 0, range(0, 5));
    LiveBlob blob = takenOver(hasty, content, held);
    assertThat(hasty.read(blob)).isEqualTo(content);
    assertThat(blob.generation()).isZero();
    assertThat(origin.sentBytes()).isEqualTo(content.length + 1);
  }

  @Test
  void open_ofAnAgentInALaterGeneration_goesOnInThatOne() throws Exception {
    byte[] content = Blobs.content(5 * PIECE + 5);
    ORIGIN.with(content);
    LiveBlob held = heldByAgent(content, Digest.sha256Of(content), 1, range(2, 4));
    LiveBlob blob = takenOver(proxy, content, held);
    assertThat(blob.generation()).isEqualTo(1);
    assertThat(proxy.read(blob)).isEqualTo(content);
  }

  @Test
  void open_duringAnIngestOfAnEarlierGeneration_startsOverInTheLater() throws Exception {
    byte[] content = Blobs.content(5 * PIECE + 6);
    FakeOriginBlobs origin =
        ORIGIN.with(content).throttled(_ -> akka.stream.javadsl.Source.never());
    ProxyLayers.Here early = (ProxyLayers.Here) proxy.open(content, false);
    assertThat(early.ticket().generation()).isZero();
    origin.throttled(body -> body);
    LiveBlob held = heldByAgent(content, Digest.sha256Of(content), 2, 3);
    LiveBlob blob = takenOver(proxy, content, held);
    assertThat(blob.generation()).isEqualTo(2);
    assertThat(proxy.read(blob)).isEqualTo(content);
  }

  @Test
  void startingOver_givesNobodyAnothersConsent() throws Exception {
    byte[] content = Blobs.content(5 * PIECE + 10);
    Digest digest = Digest.sha256Of(content);
    FakeOriginBlobs origin =
        ORIGIN
            .with(content)
            .answering(FakeOriginBlobs.busy(Duration.ofSeconds(20)))
            .onlyFor(Blobs.BOB.credential());
    OptionalLong size = OptionalLong.of(content.length);
    var alice =
        proxy.layers.open(Blobs.ALICE, digest, size, false, Optional.empty()).toCompletableFuture();
    Awaitility.await().until(() -> !origin.asked().isEmpty()); // busy is said to her ingest
    Optional<LayerNews.PieceKnown> held = heldByAgent(content, digest, 3, 1).held().last();
    var bob = proxy.layers.open(Blobs.BOB, digest, size, false, held).toCompletableFuture();
    assertThat(alice.get(10, TimeUnit.SECONDS)).isInstanceOf(ProxyLayers.Refused.class);
    assertThat(bob.get(10, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            ProxyLayers.Here.class, here -> assertThat(here.ticket().generation()).isEqualTo(3));
  }

  @Test
  void open_withAForgedProof_isAsAnyOther() throws Exception {
    byte[] content = Blobs.content(5 * PIECE + 7);
    FakeOriginBlobs origin = ORIGIN.with(content);
    PieceProof forged = new PieceProof(PieceHash.of(new byte[32]), new byte[16]);
    ProxyLayers.Here here =
        (ProxyLayers.Here)
            proxy.open(content, false, Optional.of(new LayerNews.PieceKnown(9, 3, forged)));
    assertThat(here.ticket().generation()).isZero();
    assertThat(here.blob().isWanted()).isFalse();
    assertThat(proxy.read(here.blob())).isEqualTo(content);
    assertThat(origin.sentBytes()).isEqualTo(content.length);
  }

  @Test
  void ingest_thatContradictsTheDeadProxy_fetchesAllOnceMoreInTheNextGeneration() throws Exception {
    byte[] content = Blobs.content(6 * PIECE + 8);
    Digest digest = Digest.sha256Of(content);
    ORIGIN.with(content);
    byte[] asItWas = content.clone();
    asItWas[4 * PIECE + 5] ^= 1; // what the dead hasty got, MACed and gave to the agent
    SWARMS.silence(digest);
    LiveBlob held = heldByAgent(asItWas, digest, 0, 4);
    LiveBlob wrong = takenOver(hasty, content, held);
    Awaitility.await()
        .untilAsserted(() -> assertThat(wrong.state()).isEqualTo(SharedBlob.State.REJECTED));
    Awaitility.await()
        .ignoreExceptions()
        .untilAsserted(() -> {
          ProxyLayers.Here again = (ProxyLayers.Here) hasty.open(content, true);
          assertThat(again.ticket().generation()).isEqualTo(1);
          assertThat(hasty.read(again.blob())).isEqualTo(content);
        });
  }

  @Test
  void ingest_ofAWrongPieceThatTheDeadProxyVouchedFor_isRightInTheNextGeneration()
      throws Exception {
    byte[] content = Blobs.content(6 * PIECE + 9);
    Digest digest = Digest.sha256Of(content);
    ORIGIN.with(content);
    byte[] asItWas = content.clone();
    asItWas[4 * PIECE + 5] ^= 1;
    LiveBlob wrong = takenOver(proxy, content, heldByAgent(asItWas, digest, 0, range(1, 6)));
    Awaitility.await()
        .untilAsserted(() -> assertThat(wrong.state()).isEqualTo(SharedBlob.State.REJECTED));
    Awaitility.await()
        .ignoreExceptions()
        .untilAsserted(() -> {
          ProxyLayers.Here again = (ProxyLayers.Here) proxy.open(content, true);
          assertThat(again.ticket().generation()).isEqualTo(1);
          assertThat(proxy.read(again.blob())).isEqualTo(content);
        });
  }
}
