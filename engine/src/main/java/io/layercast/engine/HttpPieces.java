package io.layercast.engine;

import akka.actor.typed.ActorSystem;
import akka.stream.Materializer;
import akka.stream.SystemMaterializer;
import akka.stream.javadsl.Sink;
import io.layercast.engine.IngestPlan.Stretch;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Gets pieces of one layer from a proxy over HTTP, as {@link Fallback} decides. Thread-safe. */
final class HttpPieces {
  private final AgentNode node;
  private final Digest digest;
  private final Materializer materializer;
  private final LongAdder bytes = new LongAdder();
  private PieceInflow.@Nullable Running running; // guarded by this, as below
  private int ends;

  HttpPieces(AgentNode node, Digest digest, ActorSystem<?> system) {
    this.node = node;
    this.digest = digest;
    this.materializer = SystemMaterializer.get(system).materializer();
  }

  /** Bytes that came and were of use. */
  long bytes() {
    return bytes.sum();
  }

  /**
   * Completes when all of {@code pieces} are stored or one does not come, never fails.
   *
   * @return why one does not come; empty when all are here
   */
  CompletionStage<Optional<String>> get(OriginAccess access, LiveBlob blob, Stretch pieces) {
    PieceLayout layout = blob.layout();
    int last = pieces.end() - 1;
    long from = layout.offsetOf(pieces.begin());
    long to = layout.offsetOf(last) + layout.lengthOf(last);
    int before = ends();
    return node.catalog()
        .fetch(access, digest, from, OptionalLong.of(to))
        .exceptionally(failure -> new LayerCatalog.Unavailable(String.valueOf(failure)))
        .thenCompose(answer ->
            switch (answer) {
              case LayerCatalog.Fetched fetched -> bring(fetched, blob, pieces.end(), before);
              case LayerCatalog.Refused refused ->
                  not("the origin answers " + refused.refusal().status());
              case LayerCatalog.Unavailable unavailable -> not(unavailable.cause());
            });
  }

  private static CompletionStage<Optional<String>> not(String cause) {
    return CompletableFuture.completedFuture(Optional.of(cause));
  }

  private synchronized CompletionStage<Optional<String>> bring(
      LayerCatalog.Fetched fetched, LiveBlob blob, int endPiece, int endsBefore) {
    if (ends > endsBefore) {
      var _ = fetched.body().runWith(Sink.cancelled(), materializer);
      return not("the download has ended");
    }
    running =
        node.inflow()
            .run(
                fetched.body(),
                blob,
                fetched.from(),
                endPiece,
                new StallGuard(node.settings().agent().progressTimeout(), 1),
                (piece, content) -> store(blob, piece, content));
    return running.done().handle((_, failure) -> Optional.ofNullable(failure).map(String::valueOf));
  }

  private SharedBlob.Stored store(LiveBlob blob, int piece, ByteBuffer content) {
    int length = content.remaining();
    bytes.add(length); // before the store says that all is here
    SharedBlob.Stored stored = blob.store(piece, content);
    bytes.add(stored == SharedBlob.Stored.STORED ? 0 : -length);
    return stored;
  }

  private synchronized int ends() {
    return ends;
  }

  /** Ends what is under way. */
  synchronized void end() {
    ends++;
    if (running != null) {
      running.kill().shutdown();
    }
  }
}
