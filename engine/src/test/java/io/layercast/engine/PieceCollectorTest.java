package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.japi.Pair;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import akka.stream.testkit.TestPublisher;
import akka.stream.testkit.TestSubscriber;
import akka.stream.testkit.javadsl.TestSink;
import akka.stream.testkit.javadsl.TestSource;
import akka.util.ByteString;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class PieceCollectorTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          "PieceCollectorTest", ConfigFactory.parseString("akka.actor.provider = local"));
  private static final byte[] CONTENT = Blobs.content(700_000);
  private static final PieceLayout LAYOUT = PieceLayout.forSize(CONTENT.length);

  private final PieceBuffers buffers = new PieceBuffers(PieceLayout.MAX_PIECE_BYTES);

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  private Source<PieceCollector.Filled, ?> collect(
      int from, int end, int endPiece, IntPredicate skipped) {
    List<ByteString> chunks = new ArrayList<>();
    for (int at = from; at < end; at += 30_000) {
      chunks.add(ByteString.fromArray(CONTENT, at, Math.min(30_000, end - at)));
    }
    return Source.from(chunks).via(new PieceCollector(LAYOUT, from, endPiece, skipped, buffers));
  }

  /** The pieces that came, each compared and released. */
  private CompletableFuture<List<Integer>> pieces(Source<PieceCollector.Filled, ?> source) {
    return source
        .map(filled -> {
          byte[] bytes = new byte[filled.bytes().remaining()];
          filled.bytes().get(bytes);
          filled.buffer().release();
          assertThat(bytes).isEqualTo(Blobs.piece(CONTENT, LAYOUT, filled.piece()));
          return filled.piece();
        })
        .runWith(Sink.seq(), KIT.system())
        .toCompletableFuture();
  }

  @Test
  void collect_cutsTheWholeBlob() throws Exception {
    assertThat(
            pieces(collect(0, CONTENT.length, LAYOUT.pieceCount(), _ -> false))
                .get(3, TimeUnit.SECONDS))
        .containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(buffers.lentBytes()).isZero();
  }

  @Test
  void collect_leavesOutSkippedAndPartialPieces() throws Exception {
    assertThat(
            pieces(collect(70_000, 600_000, LAYOUT.pieceCount(), piece -> piece == 2))
                .get(3, TimeUnit.SECONDS))
        .containsExactly(1, 3);
    assertThat(buffers.lentBytes()).isZero();
  }

  @Test
  void collect_stopsAtItsEnd() throws Exception {
    assertThat(pieces(collect(0, CONTENT.length, 2, _ -> false)).get(3, TimeUnit.SECONDS))
        .containsExactly(0, 1);
  }

  @Test
  void collect_ofWhatEndsThereToo_letsItEnd() {
    var ends = collecting(1);

    ends.first().sendNext(ByteString.fromArray(CONTENT, 0, LAYOUT.lengthOf(0)));
    ends.second().expectNext().buffer().release();
    ends.first().sendComplete();

    ends.second().expectComplete();
  }

  @Test
  void collect_ofWhatGoesOn_cancels() {
    var ends = collecting(1);

    ends.first().sendNext(ByteString.fromArray(CONTENT, 0, LAYOUT.lengthOf(0)));
    ends.second().expectNext().buffer().release();
    ends.first().sendNext(ByteString.fromArray(CONTENT, LAYOUT.lengthOf(0), 10));

    ends.first().expectCancellation();
    ends.second().expectComplete();
  }

  @Test
  void collect_ofWhatDoesNotEnd_cancels() {
    var ends = collecting(1);

    ends.first().sendNext(ByteString.fromArray(CONTENT, 0, LAYOUT.lengthOf(0)));
    ends.second().expectNext().buffer().release();

    ends.first().expectCancellation();
    ends.second().expectComplete();
  }

  private Pair<TestPublisher.Probe<ByteString>, TestSubscriber.Probe<PieceCollector.Filled>>
      collecting(int endPiece) {
    var running =
        TestSource.<ByteString>create(KIT.system())
            .via(new PieceCollector(LAYOUT, 0, endPiece, _ -> false, buffers))
            .toMat(TestSink.create(KIT.system()), Keep.both())
            .run(KIT.system());
    running.second().request(10);
    return running;
  }

  @Test
  void collect_ofMoreThanTheBlobHas_fails() {
    var more =
        Source.single(ByteString.fromArray(new byte[100]))
            .via(
                new PieceCollector(
                    LAYOUT, CONTENT.length - 50, LAYOUT.pieceCount(), _ -> false, buffers));
    assertThatThrownBy(() -> pieces(more).get(3, TimeUnit.SECONDS))
        .hasMessageContaining("more bytes");
  }

  @Test
  void collect_withoutAFreeBuffer_waitsForOne() {
    PieceBuffer all = buffers.tryTake(PieceLayout.MAX_PIECE_BYTES).orElseThrow();
    TestSubscriber.Probe<PieceCollector.Filled> probe =
        collect(0, CONTENT.length, LAYOUT.pieceCount(), _ -> false)
            .runWith(TestSink.create(KIT.system()), KIT.system());
    probe.ensureSubscription();
    probe.request(1);
    probe.expectNoMessage(
        scala.concurrent.duration.FiniteDuration.apply(50, TimeUnit.MILLISECONDS));
    all.release();
    probe.expectNext().buffer().release();
    probe.cancel();
    Awaitility.await().until(() -> buffers.lentBytes() == 0);
  }
}
