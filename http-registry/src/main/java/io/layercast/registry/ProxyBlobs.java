package io.layercast.registry;

import akka.NotUsed;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.headers.RawHeader;
import akka.stream.javadsl.Flow;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.layercast.engine.ByteWindow;
import io.layercast.engine.Digest;
import io.layercast.engine.DigestGuard;
import io.layercast.engine.Layers;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.OriginBlobs;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.ProxyLayers;
import io.layercast.engine.rate.RateLimiter;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A proxy's blobs over HTTP: its own as they grow, another proxy's by a request with a permit, and
 * those that are not kept straight from the origin. All bytes pass the node's upload limit, and
 * what is relayed its download limit before.
 */
final class ProxyBlobs implements Layers {
  /** As our agents ask each other for. */
  private static final int BLOCK_BYTES = PieceLayout.CHUNK_BYTES;

  private final LayerDoor door;
  private final Authorizer authorizer;
  private final OriginBlobs origin;
  private final HttpCaller proxies;
  private final ProxyDoor proxyDoor;
  private final Permits permits;
  private final RateLimiter download;
  private final RateLimiter upload;
  private final ProxiesSettings settings;
  private final Clock clock;

  ProxyBlobs(
      LayerDoor door,
      Authorizer authorizer,
      OriginBlobs origin,
      HttpCaller proxies,
      ProxyDoor proxyDoor,
      Permits permits,
      RateLimiter download,
      RateLimiter upload,
      ProxiesSettings settings,
      Clock clock) {
    this.door = door;
    this.authorizer = authorizer;
    this.origin = origin;
    this.proxies = proxies;
    this.proxyDoor = proxyDoor;
    this.permits = permits;
    this.download = download;
    this.upload = upload;
    this.settings = settings;
    this.clock = clock;
  }

  @Override
  public CompletionStage<Answer> open(OriginAccess access, Digest digest) {
    return door.open(access, digest, false, Optional.empty())
        .thenCompose(opened -> answer(access, digest, opened));
  }

  /** What {@code opened} means to someone who wants the bytes from this proxy. */
  CompletionStage<Answer> answer(OriginAccess access, Digest digest, ProxyLayers.Opened opened) {
    return switch (opened) {
      case ProxyLayers.Here(var blob, var _) ->
          done(
              new Granted(
                  OptionalLong.of(blob.layout().sizeBytes()),
                  (from, to) -> blob.readThrough(from, to).via(behindPeers())));
      case ProxyLayers.Elsewhere(String api) -> elsewhere(access, digest, api);
      case ProxyLayers.Relayed(OptionalLong size) when size.isPresent() ->
          done(new Granted(size, (from, to) -> unkept(access, digest, from, to)));
      case ProxyLayers.Relayed _ -> unsized(access, digest);
      case ProxyLayers.Refused(var refusal) -> done(new Refused(refusal));
      case ProxyLayers.Unavailable(String cause) -> done(new Unavailable(cause));
      case ProxyLayers.NeedsConsent _ -> done(new Unavailable("the origin was not asked"));
    };
  }

  private CompletionStage<Answer> elsewhere(OriginAccess access, Digest digest, String api) {
    OptionalLong known = authorizer.size(access, digest);
    CompletionStage<Authorizer.Consent> sized =
        known.isPresent()
            ? CompletableFuture.completedFuture(new Authorizer.Granted(known))
            : authorizer.consent(access, digest);
    return sized.thenApply(consent ->
        switch (consent) {
          case Authorizer.Granted(OptionalLong size) ->
              new Granted(size, (from, to) -> relayed(fromProxy(access, digest, api, from, to)));
          case Authorizer.Refused(var refusal) -> new Refused(refusal);
          case Authorizer.Unavailable(String cause) -> new Unavailable(cause);
        });
  }

  private Source<ByteString, NotUsed> fromProxy(
      OriginAccess access, Digest digest, String api, long from, OptionalLong to) {
    List<HttpHeader> headers = new ArrayList<>(proxyDoor.headers());
    if (access.credential().isPresent()) {
      headers.add(RawHeader.create("Authorization", access.credential().reveal()));
    }
    headers.add(
        RawHeader.create(
            "Range", "bytes=" + from + "-" + (to.isPresent() ? "" + (to.getAsLong() - 1) : "")));
    String permit = permits.issue(access, digest, clock.instant());
    URI uri =
        ProxyPaths.uri(
            proxyDoor.scheme(), api, FrontPath.Want.BYTES, access.repository(), digest, permit);
    return Source.lazyCompletionStageSource(() ->
            proxies
                .send(HttpMethods.GET, uri, headers, HttpEntities.EMPTY, HttpCaller.Kind.BYTES)
                .thenApply(response -> {
                  if (response.status().intValue() != 206) {
                    proxies.drop(response);
                    throw new IllegalStateException(
                        "proxy %s answered %d".formatted(api, response.status().intValue()));
                  }
                  return response
                      .entity()
                      .getDataBytes()
                      .via(new StallTimeout<>(settings.silence(), "proxy " + api));
                }))
        .mapMaterializedValue(_ -> NotUsed.getInstance());
  }

  private CompletionStage<Answer> unsized(OriginAccess access, Digest digest) {
    return fetch(access, digest, 0, OptionalLong.empty())
        .thenApply(reply ->
            switch (reply) {
              case OriginBlobs.Bytes bytes ->
                  new Granted(
                      OptionalLong.empty(),
                      (_, _) -> relayed(bytes.body()).via(DigestGuard.of(digest)));
              case OriginBlobs.Refused(var refusal) -> new Refused(refusal);
              case OriginBlobs.Busy busy -> new Refused(busy.refusal());
              case OriginBlobs.Broken(String cause) -> new Unavailable(cause);
            });
  }

  /** A part is passed on as the origin sent it: whoever asked for it checks it with the rest. */
  private Source<ByteString, NotUsed> unkept(
      OriginAccess access, Digest digest, long from, OptionalLong to) {
    Source<ByteString, NotUsed> bytes =
        Source.lazyCompletionStageSource(() ->
                fetch(access, digest, from, to).thenApply(reply -> body(digest, reply, from, to)))
            .mapMaterializedValue(_ -> NotUsed.getInstance());
    boolean isWhole = from == 0 && to.isEmpty();
    return isWhole ? relayed(bytes).via(DigestGuard.of(digest)) : relayed(bytes);
  }

  private CompletionStage<OriginBlobs.Reply> fetch(
      OriginAccess access, Digest digest, long from, OptionalLong to) {
    return origin
        .fetch(access, digest, from, to)
        .thenApply(reply -> {
          if (reply instanceof OriginBlobs.Refused(var refusal)) {
            authorizer.refused(access, digest, refusal);
          }
          return reply;
        });
  }

  private static Source<ByteString, NotUsed> body(
      Digest digest, OriginBlobs.Reply reply, long from, OptionalLong to) {
    return switch (reply) {
      case OriginBlobs.Bytes bytes when bytes.from() <= from ->
          bytes.body().via(ByteWindow.of(bytes.from(), from, to));
      case OriginBlobs.Bytes bytes ->
          throw new IllegalStateException(
              "the origin sent %s from %d instead of %d".formatted(digest, bytes.from(), from));
      case OriginBlobs.Refused(var refusal) ->
          throw new IllegalStateException("the origin answered " + refusal.status());
      case OriginBlobs.Busy _ -> throw new IllegalStateException("the origin is busy");
      case OriginBlobs.Broken(String cause) -> throw new IllegalStateException(cause);
    };
  }

  private Source<ByteString, NotUsed> relayed(Source<ByteString, NotUsed> bytes) {
    return bytes.via(download.limit(ByteString::size)).via(behindPeers());
  }

  /** A block of a peer's length in turn: peers pass it on, whoever reads here does not. */
  private Flow<ByteString, ByteString, NotUsed> behindPeers() {
    return Flow.of(ByteString.class)
        .mapConcat(ProxyBlobs::blocks)
        .via(upload.limit(ByteString::size, () -> false));
  }

  private static List<ByteString> blocks(ByteString bytes) {
    List<ByteString> blocks = new ArrayList<>();
    for (int at = 0; at < bytes.length(); at += BLOCK_BYTES) {
      blocks.add(bytes.slice(at, at + BLOCK_BYTES));
    }
    return blocks;
  }

  private static CompletionStage<Answer> done(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
