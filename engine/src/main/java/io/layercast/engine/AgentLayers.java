package io.layercast.engine;

import akka.NotUsed;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.AskPattern;
import akka.japi.pf.PFBuilder;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The layers of an agent. Every {@link #open} asks a proxy for the origin's consent to that caller,
 * whatever this node's disk holds; the bytes then come from the disk and the swarm, and around both
 * when they fail.
 */
public final class AgentLayers implements Layers {
  /** The actor answers when the store has the blob's folder; a disk slower than this is broken. */
  private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(30);

  private final ActorSystem<?> system;
  private final AgentNode node;
  private final ProxyBytes proxyBytes;
  private final ActorRef<LayerDownloads.Command> downloads;

  private AgentLayers(
      ActorSystem<?> system, AgentNode node, ActorRef<LayerDownloads.Command> downloads) {
    this.system = system;
    this.node = node;
    this.proxyBytes = new ProxyBytes(node);
    this.downloads = downloads;
  }

  /** Starts this agent's downloads. Once for an actor system. */
  public static AgentLayers create(ActorSystem<?> system, AgentNode node) {
    return new AgentLayers(
        system,
        node,
        system.systemActorOf(LayerDownloads.create(node), "layer-downloads", Props.empty()));
  }

  @Override
  public CompletionStage<Answer> open(OriginAccess access, Digest digest) {
    long askedAt = System.nanoTime();
    Optional<LayerNews.PieceKnown> known =
        node.blobs().find(digest).flatMap(here -> here.blob().lastKnown());
    return node.catalog()
        .open(access, digest, known)
        .thenCompose(opening -> answer(access, digest, opening, askedAt))
        .exceptionally(failure ->
            new Unavailable("tried to open the layer, but failed because " + failure.getMessage()))
        .thenApply(this::told);
  }

  private Answer told(Answer answer) {
    switch (answer) {
      case Granted _ -> {}
      case Refused _ -> node.pulls().refused();
      case Unavailable _ -> node.pulls().unavailable();
    }
    return answer;
  }

  private CompletionStage<Answer> answer(
      OriginAccess access, Digest digest, LayerCatalog.Opening opening, long askedAt) {
    return switch (opening) {
      case LayerCatalog.Swarmed swarmed ->
          join(access, swarmed, new PullTimes(askedAt, System.nanoTime()));
      case LayerCatalog.Inline inline -> done(inMemory(inline.bytes()));
      case LayerCatalog.Relayed relayed -> done(relayed(access, digest, relayed.sizeBytes()));
      case LayerCatalog.Refused refused -> done(new Refused(refused.refusal()));
      case LayerCatalog.Unavailable unavailable -> done(new Unavailable(unavailable.cause()));
    };
  }

  /** What the proxies cannot keep this node may have all the same. */
  private Granted relayed(OriginAccess access, Digest digest, OptionalLong sizeBytes) {
    return node.blobs()
        .find(digest)
        .filter(LiveBlobs.Hosted::isWhole)
        .map(LiveBlobs.Hosted::blob)
        .map(own ->
            new Granted(
                OptionalLong.of(own.layout().sizeBytes()),
                (from, to) -> read(access, own, from, to, true)))
        .orElseGet(() ->
            new Granted(
                sizeBytes, (from, to) -> proxyBytes.relayed(access, digest, sizeBytes, from, to)));
  }

  private static CompletionStage<Answer> done(Answer answer) {
    return CompletableFuture.completedStage(answer);
  }

  private Granted inMemory(ByteString bytes) {
    return new Granted(
        OptionalLong.of(bytes.size()),
        (from, to) -> {
          long end = Math.min(to.orElse(bytes.size()), bytes.size());
          return from < end
              ? Source.single(bytes.slice((int) from, (int) end))
                  .via(node.download().limit(ByteString::size))
              : Source.<ByteString>empty();
        });
  }

  private CompletionStage<Answer> join(
      OriginAccess access, LayerCatalog.Swarmed swarmed, PullTimes times) {
    LayerTicket ticket = swarmed.ticket();
    OptionalLong size = OptionalLong.of(ticket.layout().sizeBytes());
    return AskPattern.<LayerDownloads.Command, LayerDownload.Joined>ask(
            downloads,
            replyTo ->
                new LayerDownloads.Join(
                    new LayerDownload.Join(access, ticket, swarmed.news(), times, replyTo)),
            JOIN_TIMEOUT,
            system.scheduler())
        .thenApply(joined ->
            switch (joined) {
              case LayerDownload.Attached attached ->
                  new Granted(size, (from, to) -> read(access, attached.blob(), from, to, true));
              case LayerDownload.NotAttached _ ->
                  new Granted(
                      size,
                      (from, to) -> proxyBytes.relayed(access, ticket.digest(), size, from, to));
            });
  }

  /**
   * @param mayReopen whether a blob that is rejected before its first byte went out is opened anew
   */
  private Source<ByteString, NotUsed> read(
      OriginAccess access, LiveBlob blob, long from, OptionalLong to, boolean mayReopen) {
    return Source.lazySource(
            () -> {
              AtomicLong position = new AtomicLong(from);
              return repaired(access, blob, blob.read(from, to))
                  .map(chunk -> {
                    position.addAndGet(chunk.size());
                    return chunk;
                  })
                  .recoverWithRetries(
                      1,
                      new PFBuilder<
                              Throwable,
                              akka.stream.Graph<akka.stream.SourceShape<ByteString>, NotUsed>>()
                          .match(
                              BlobUnstorableException.class,
                              _ -> proxyBytes.rest(access, blob, from, position.get(), to))
                          .match(
                              BlobRejectedException.class,
                              _ -> mayReopen && position.get() == from,
                              _ -> reopen(access, blob.digest(), from, to))
                          .build());
            })
        .mapMaterializedValue(_ -> NotUsed.getInstance());
  }

  /** Its download has ended: a piece that the disk loses meanwhile is nobody's to bring. */
  private Source<ByteString, NotUsed> repaired(
      OriginAccess access, LiveBlob blob, Source<ByteString, NotUsed> read) {
    SharedBlob.Subscription subscription =
        blob.subscribe(
            new SharedBlob.Listener() {
              @Override
              public void onLost(int piece) {
                if (blob.state() == SharedBlob.State.SEALED) {
                  bringBack(access, blob);
                }
              }
            });
    return read.watchTermination((notUsed, done) -> {
      var _ = done.whenComplete((_, _) -> subscription.close());
      return notUsed;
    });
  }

  /** Where no proxy says who has it, its readers go around it. */
  private void bringBack(OriginAccess access, LiveBlob blob) {
    long now = System.nanoTime();
    var _ =
        node.catalog()
            .open(access, blob.digest(), blob.lastKnown())
            .thenCompose(opening ->
                opening instanceof LayerCatalog.Swarmed swarmed
                    ? join(access, swarmed, new PullTimes(now, now))
                    : CompletableFuture.<Answer>failedStage(
                        new IOException("a lost piece has no swarm: " + opening)))
            .whenComplete((_, failure) -> {
              if (failure != null) {
                blob.failWrites(new IOException(failure));
              }
            });
  }

  private Source<ByteString, NotUsed> reopen(
      OriginAccess access, Digest digest, long from, OptionalLong to) {
    return Source.completionStageSource(
            open(access, digest)
                .thenApply(answer ->
                    switch (answer) {
                      case Granted granted -> granted.body().read(from, to);
                      case Refused refused ->
                          Source.<ByteString>failed(
                              new BlobRejectedException(
                                  digest,
                                  "it was wrong and the origin now answers "
                                      + refused.refusal().status()));
                      case Unavailable unavailable ->
                          Source.<ByteString>failed(
                              new BlobRejectedException(digest, unavailable.cause()));
                    }))
        .mapMaterializedValue(_ -> NotUsed.getInstance());
  }
}
