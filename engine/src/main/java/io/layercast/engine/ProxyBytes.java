package io.layercast.engine;

import akka.NotUsed;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.OptionalLong;

/**
 * A blob's bytes streamed from a proxy past this agent's store: when the disk is full, and for
 * blobs without a swarm. A read of the whole blob is checked against the digest before its last
 * chunk; a read of a part is checked piece by piece where the hashes are known.
 */
final class ProxyBytes {
  private final AgentNode node;

  ProxyBytes(AgentNode node) {
    this.node = node;
  }

  /**
   * A blob that this store, or the proxies', cannot begin. A part of it is passed on as the proxy
   * sent it.
   */
  Source<ByteString, NotUsed> relayed(
      OriginAccess access, Digest digest, OptionalLong sizeBytes, long from, OptionalLong to) {
    long size = sizeBytes.orElse(Long.MAX_VALUE);
    boolean isWhole = from == 0 && to.orElse(Long.MAX_VALUE) >= size;
    return isWhole
        ? fetch(access, digest, 0, OptionalLong.empty()).via(DigestGuard.of(digest))
        : fetch(access, digest, from, to);
  }

  /** What is missing of a read {@code [from, to)} that the store failed at {@code position}. */
  Source<ByteString, NotUsed> rest(
      OriginAccess access, LiveBlob blob, long from, long position, OptionalLong to) {
    PieceLayout layout = blob.layout();
    long end = Math.min(to.orElse(layout.sizeBytes()), layout.sizeBytes());
    if (position >= end) {
      return Source.failed(new IOException("nothing is missing of " + blob.digest()));
    }
    if (from > 0 || end < layout.sizeBytes()) {
      return pieces(access, blob, position, end);
    }
    return Source.completionStageSource(
            node.onDisk(() -> hashUpTo(blob, position))
                .thenApply(hasher ->
                    fetch(access, blob.digest(), position, OptionalLong.empty())
                        .via(DigestGuard.after(blob.digest(), () -> hasher))))
        .mapMaterializedValue(_ -> NotUsed.getInstance());
  }

  private static MessageDigest hashUpTo(LiveBlob blob, long end) throws IOException {
    MessageDigest hasher = blob.digest().algorithm().hasher();
    ByteBuffer chunk = ByteBuffer.allocate(PieceLayout.CHUNK_BYTES);
    long at = 0;
    while (at < end) {
      int piece = blob.layout().pieceAt(at);
      int begin = (int) (at - blob.layout().offsetOf(piece));
      int length =
          (int)
              Math.min(Math.min(chunk.capacity(), blob.layout().lengthOf(piece) - begin), end - at);
      blob.read(piece, begin, chunk.clear().limit(length));
      hasher.update(chunk);
      at += length;
    }
    return hasher;
  }

  /** Whole pieces are fetched and verified, {@code [position, end)} of them is emitted. */
  private Source<ByteString, NotUsed> pieces(
      OriginAccess access, LiveBlob blob, long position, long end) {
    PieceLayout layout = blob.layout();
    int first = layout.pieceAt(position);
    int last = layout.pieceAt(end - 1);
    OptionalLong to = OptionalLong.of(layout.offsetOf(last) + layout.lengthOf(last));
    return fetch(access, blob.digest(), layout.offsetOf(first), to)
        .via(
            new PieceCollector(
                layout, layout.offsetOf(first), last + 1, _ -> false, node.buffers()))
        .mapAsync(1, filled -> node.onDisk(() -> verified(blob, filled, position, end)));
  }

  private static ByteString verified(
      LiveBlob blob, PieceCollector.Filled filled, long position, long end) throws IOException {
    try {
      int piece = filled.piece();
      MessageDigest hasher = PieceHash.hasher();
      hasher.update(filled.bytes().duplicate());
      PieceHash hash = PieceHash.of(hasher.digest());
      if (!blob.expected(piece).filter(hash::equals).isPresent()) {
        throw new IOException("piece %d of %s cannot be verified".formatted(piece, blob.digest()));
      }
      long offset = blob.layout().offsetOf(piece);
      int begin = (int) Math.max(0, position - offset);
      int stop = (int) Math.min(blob.layout().lengthOf(piece), end - offset);
      return ByteString.fromByteBuffer(filled.bytes().slice(begin, stop - begin)); // copies
    } finally {
      filled.buffer().release();
    }
  }

  private Source<ByteString, NotUsed> fetch(
      OriginAccess access, Digest digest, long from, OptionalLong to) {
    return Source.completionStageSource(
            node.catalog()
                .fetch(access, digest, from, to)
                .thenApply(fetch -> body(fetch, from, to)))
        .mapMaterializedValue(_ -> NotUsed.getInstance())
        .via(node.download().limit(ByteString::size));
  }

  private Source<ByteString, NotUsed> body(LayerCatalog.Fetch fetch, long from, OptionalLong to) {
    return switch (fetch) {
      case LayerCatalog.Fetched fetched when fetched.from() <= from ->
          fetched
              .body()
              .via(new StallGuard(node.settings().agent().progressTimeout(), 1))
              .via(ByteWindow.of(fetched.from(), from, to));
      case LayerCatalog.Fetched fetched ->
          Source.failed(
              new IOException(
                  "the proxy sent bytes from %d instead of %d".formatted(fetched.from(), from)));
      case LayerCatalog.Refused refused ->
          Source.failed(new IOException("the origin answers " + refused.refusal().status()));
      case LayerCatalog.Unavailable unavailable ->
          Source.failed(new IOException(unavailable.cause()));
    };
  }
}
