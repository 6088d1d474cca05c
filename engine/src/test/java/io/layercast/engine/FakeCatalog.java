package io.layercast.engine;

import akka.Done;
import akka.NotUsed;
import akka.stream.OverflowStrategy;
import akka.stream.javadsl.Source;
import akka.stream.javadsl.SourceQueueWithComplete;
import akka.util.ByteString;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** A proxy with one blob, whose news the test speaks. */
final class FakeCatalog implements LayerCatalog {
  private final byte[] content;
  private final Queue<Opening> openings = new ArrayDeque<>();
  private final List<OriginAccess> openedBy = new ArrayList<>();
  private final List<SourceQueueWithComplete<LayerNews>> streams = new CopyOnWriteArrayList<>();
  private final List<Optional<LayerNews.PieceKnown>> openedWith = new CopyOnWriteArrayList<>();
  private final List<HeldPieces> offers = new CopyOnWriteArrayList<>();
  private final List<Long> fetchedBytes = new CopyOnWriteArrayList<>();
  private volatile boolean isDown;
  private volatile byte[] served;
  private volatile CompletionStage<?> fetchesBegin = CompletableFuture.completedFuture("");

  FakeCatalog(byte[] content) {
    this.content = content;
    this.served = content;
  }

  Digest digest() {
    return Digest.sha256Of(content);
  }

  /** Answers the next opens with these instead of a swarm. */
  synchronized FakeCatalog answering(Opening... next) {
    openings.addAll(List.of(next));
    return this;
  }

  FakeCatalog down(boolean down) {
    isDown = down;
    return this;
  }

  FakeCatalog serving(byte[] bytes) {
    served = bytes;
    return this;
  }

  /** Answers no fetch before then. */
  FakeCatalog fetchingAfter(CompletionStage<?> then) {
    fetchesBegin = then;
    return this;
  }

  synchronized List<OriginAccess> openedBy() {
    return List.copyOf(openedBy);
  }

  /** The piece each open said to hold. */
  List<Optional<LayerNews.PieceKnown>> openedWith() {
    return openedWith;
  }

  List<HeldPieces> offers() {
    return offers;
  }

  int fetches() {
    return fetchedBytes.size();
  }

  /** How much was asked for each time. */
  List<Long> fetchedBytes() {
    return fetchedBytes;
  }

  /** The news streams that were run, in order. */
  List<SourceQueueWithComplete<LayerNews>> streams() {
    return streams;
  }

  /** Says it on the newest stream. */
  void say(LayerNews news) {
    var _ = streams.getLast().offer(news).toCompletableFuture().join();
  }

  void sayAllPieces(int generation) {
    PieceLayout layout = PieceLayout.forSize(content.length);
    for (int piece = 0; piece < layout.pieceCount(); piece++) {
      say(
          new LayerNews.PieceKnown(
              generation, piece, Blobs.proof(content, layout, generation, piece)));
    }
  }

  Opening swarmed(int generation) {
    LayerTicket ticket =
        Blobs.TICKETS.of(digest(), PieceLayout.forSize(content.length), generation);
    Source<LayerNews, NotUsed> news =
        Source.<LayerNews>queue(1000, OverflowStrategy.backpressure())
            .mapMaterializedValue(queue -> {
              streams.add(queue);
              return NotUsed.getInstance();
            });
    return new Swarmed(ticket, news);
  }

  @Override
  public synchronized CompletionStage<Opening> open(
      OriginAccess access, Digest digest, Optional<LayerNews.PieceKnown> held) {
    openedBy.add(access);
    openedWith.add(held);
    Opening ordered = openings.poll();
    if (ordered != null) {
      return CompletableFuture.completedFuture(ordered);
    }
    return CompletableFuture.completedFuture(isDown ? new Unavailable("down") : swarmed(0));
  }

  @Override
  public CompletionStage<Done> offer(OriginAccess access, Digest digest, HeldPieces held) {
    offers.add(held);
    return isDown
        ? CompletableFuture.failedFuture(new IOException("down"))
        : CompletableFuture.completedFuture(Done.getInstance());
  }

  @Override
  public CompletionStage<Fetch> fetch(
      OriginAccess access, Digest digest, long from, OptionalLong to) {
    fetchedBytes.add(to.orElse(served.length) - from);
    if (isDown) {
      return CompletableFuture.completedFuture(new Unavailable("down"));
    }
    byte[] part =
        Arrays.copyOfRange(
            served, (int) from, (int) Math.min(to.orElse(served.length), served.length));
    List<ByteString> chunks = new ArrayList<>();
    for (int at = 0; at < part.length; at += 50_000) {
      chunks.add(ByteString.fromArray(part, at, Math.min(50_000, part.length - at)));
    }
    OptionalLong length = OptionalLong.of(served.length);
    return fetchesBegin.thenApply(_ -> new Fetched(from, length, Source.from(chunks)));
  }
}
