package io.layercast.engine;

import akka.Done;
import akka.NotUsed;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** The proxies as an agent sees them. Implemented by the client of the proxies' HTTP API. */
public interface LayerCatalog {

  /**
   * Asks a proxy whether this caller may read this digest in this repository, and for its metainfo.
   * The stage fails never.
   *
   * @param known a piece that this node has been told of, if any: shows a proxy that is new to the
   *     blob that peers may hold some of it
   */
  CompletionStage<Opening> open(
      OriginAccess access, Digest digest, Optional<LayerNews.PieceKnown> known);

  /**
   * Tells the proxy that handles the blob which pieces this node holds, with their proofs. Fails
   * when no proxy took it.
   */
  CompletionStage<Done> offer(OriginAccess access, Digest digest, HeldPieces held);

  /**
   * Reads {@code [from, to)} from a proxy over HTTP: the way out when no peer helps and the way of
   * blobs without a swarm. The stage fails never.
   */
  CompletionStage<Fetch> fetch(OriginAccess access, Digest digest, long from, OptionalLong to);

  /** A proxy's answer to {@link #open}. */
  sealed interface Opening {}

  /** Granted, and shared in a swarm. The source must be run or cancelled. */
  record Swarmed(LayerTicket ticket, Source<LayerNews, NotUsed> news) implements Opening {}

  /** Granted, and small enough to be handed over at once; already verified. */
  record Inline(akka.util.ByteString bytes) implements Opening {}

  /** Granted, but the proxies cannot keep it, so there is no swarm: use {@link #fetch}. */
  record Relayed(OptionalLong sizeBytes) implements Opening {}

  /** What {@link #fetch} got: bytes from {@code from} on, of a blob of {@code sizeBytes}. */
  record Fetched(long from, OptionalLong sizeBytes, Source<ByteString, NotUsed> body)
      implements Fetch {}

  /** A proxy's answer to {@link #fetch}. */
  sealed interface Fetch {}

  /** The origin's no to this caller. */
  record Refused(Refusal refusal) implements Opening, Fetch {}

  /** No proxy gave a usable answer. */
  record Unavailable(String cause) implements Opening, Fetch {}
}
