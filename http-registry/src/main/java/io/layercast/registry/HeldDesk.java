package io.layercast.registry;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.RequestEntity;
import akka.http.javadsl.model.headers.RawHeader;
import akka.stream.Materializer;
import io.layercast.engine.Digest;
import io.layercast.engine.HeldIntake;
import io.layercast.engine.HeldPieces;
import io.layercast.engine.LayerNews;
import io.layercast.engine.LiveBlob;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.SwarmKeys;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where agents tell a proxy of a blob that another proxy had begun: a piece they were told of in a
 * header of the opening, all that they hold in the body of a POST, both as {@link
 * HeldPieces#encode} writes it, the header in hex.
 */
final class HeldDesk {
  static final String HEADER = "Layercast-Held";
  static final String MEDIA_TYPE = "application/vnd.layercast.held.v1";
  private static final Logger LOG = LoggerFactory.getLogger(HeldDesk.class);
  private static final HexFormat HEX = HexFormat.of();

  /** One of 4 MiB pieces with 10,000 of them is 520 KB: some seconds on the slowest path. */
  private static final long BODY_TIMEOUT_MILLIS = 15_000;

  private final SwarmKeys keys;
  private final Executor disk;
  private final Materializer materializer;

  /**
   * @param disk where MACs are computed, a microsecond each
   */
  HeldDesk(SwarmKeys keys, Executor disk, Materializer materializer) {
    this.keys = keys;
    this.disk = disk;
    this.materializer = materializer;
  }

  static HttpHeader header(LayerNews.PieceKnown known) {
    byte[] encoded = new HeldPieces(known.generation(), List.of(known)).encode();
    return RawHeader.create(HEADER, HEX.formatHex(encoded));
  }

  /** The one piece of the header; empty when there is none or it is not what it should be. */
  static Optional<LayerNews.PieceKnown> heldBy(HttpRequest request) {
    return Responses.header(request, HEADER).flatMap(HeldDesk::parse);
  }

  static Optional<LayerNews.PieceKnown> parse(String header) {
    if (header.length() != 2 * HeldPieces.maxBytes(1)) {
      return Optional.empty();
    }
    try {
      return HeldPieces.decode(HEX.parseHex(header), Integer.MAX_VALUE).last();
    } catch (IllegalArgumentException _) {
      return Optional.empty(); // is no more than a hint
    }
  }

  /** Reads what the caller's node holds of {@code blob} and answers. */
  CompletionStage<HttpResponse> take(HttpRequest request, OriginAccess access, LiveBlob blob) {
    RequestEntity body = request.entity();
    int pieceCount = blob.layout().pieceCount();
    return body.toStrict(BODY_TIMEOUT_MILLIS, HeldPieces.maxBytes(pieceCount), materializer)
        .thenCompose(strict ->
            CompletableFuture.supplyAsync(
                () -> take(strict.getData().toArray(), access, blob), disk))
        .exceptionally(_ -> refused(blob.digest(), 413, "it is too long or came too slowly"));
  }

  private HttpResponse take(byte[] encoded, OriginAccess access, LiveBlob blob) {
    HeldPieces held;
    try {
      held = HeldPieces.decode(encoded, blob.layout().pieceCount());
    } catch (IllegalArgumentException e) {
      return refused(blob.digest(), 400, String.valueOf(e.getMessage()));
    }
    return switch (HeldIntake.take(blob, held, keys)) {
      case HeldIntake.Taken taken -> {
        LOG.debug("{}: {} pieces are held by another node", blob.digest(), taken.pieces());
        yield HttpResponse.create().withStatus(204);
      }
      case HeldIntake.Refused(String cause) -> {
        LOG.warn(
            "tried to hear what a caller for {} holds of {}, but refused it all because {}",
            access.repository(),
            blob.digest(),
            cause);
        yield refused(blob.digest(), 409, cause);
      }
    };
  }

  private static HttpResponse refused(Digest digest, int status, String cause) {
    return Responses.error(
        status, OciError.Code.UNSUPPORTED, "hear what is held of " + digest, cause);
  }
}
