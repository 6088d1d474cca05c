package io.layercast.registry;

import akka.NotUsed;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.layercast.engine.Digest;
import io.layercast.engine.Layers;
import io.layercast.engine.LiveBlob;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.ProxyLayers;
import io.layercast.engine.SharedBlob;
import io.layercast.engine.rate.RateLimiter;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What a proxy tells agents and other proxies of a layer (docs/adr/0006-proxy-api.md). */
final class ProxyApi implements LayerApi {
  private final LayerDoor door;
  private final ProxyBlobs blobs;
  private final Permits permits;
  private final HeldDesk held;
  private final Torrents torrents;
  private final RateLimiter upload;
  private final RegistrySettings.ProxyApi settings;
  private final String scheme;
  private final Clock clock;

  ProxyApi(
      LayerDoor door,
      ProxyBlobs blobs,
      Permits permits,
      HeldDesk held,
      Torrents torrents,
      RateLimiter upload,
      RegistrySettings.ProxyApi settings,
      String scheme,
      Clock clock) {
    this.door = door;
    this.blobs = blobs;
    this.permits = permits;
    this.held = held;
    this.torrents = torrents;
    this.upload = upload;
    this.settings = settings;
    this.scheme = scheme;
    this.clock = clock;
  }

  @Override
  public CompletionStage<HttpResponse> handle(
      HttpRequest request, FrontPath.Layer layer, OriginAccess access) {
    Digest digest = layer.digest();
    boolean isPermitted =
        request
            .getUri()
            .query()
            .get("permit")
            .filter(permit -> permits.isValid(permit, access, digest, clock.instant()))
            .isPresent();
    return door.open(access, digest, isPermitted, HeldDesk.heldBy(request))
        .thenCompose(opened ->
            switch (opened) {
              case ProxyLayers.Refused(var refusal) -> done(Responses.refusal(refusal, request));
              case ProxyLayers.Unavailable(String cause) ->
                  done(Responses.unavailable(deed(access, digest), cause));
              case ProxyLayers.Here here when layer.want() == FrontPath.Want.METAINFO ->
                  done(metainfo(here));
              case ProxyLayers.Here here when layer.want() == FrontPath.Want.HELD ->
                  held.take(request, access, here.blob());
              case ProxyLayers.Here here when layer.want() == FrontPath.Want.TORRENT ->
                  torrent(here);
              case ProxyLayers.Relayed(OptionalLong size)
                  when layer.want() == FrontPath.Want.METAINFO ->
                  done(frames(Source.single(new MetainfoFrames.Relayed(size))));
              case ProxyLayers.Elsewhere(String api) when layer.want() != FrontPath.Want.BYTES ->
                  done(redirect(api, layer, access));
              case ProxyLayers.Elsewhere(String api) when isPermitted ->
                  done( // two proxies that point at each other must not do so for ever
                      Responses.unavailable(deed(access, digest), "it has moved to " + api));
              case ProxyLayers.Opened _ when layer.want() == FrontPath.Want.BYTES ->
                  bytes(request, access, digest, opened);
              case ProxyLayers.Opened _ ->
                  done(
                      Responses.error(
                          404,
                          OciError.Code.BLOB_UNKNOWN,
                          deed(access, digest),
                          "this proxy does not hold it whole"));
            });
  }

  private HttpResponse metainfo(ProxyLayers.Here here) {
    if (here.ticket().layout().sizeBytes() <= settings.inlineMaxBytes()) {
      return frames(inline(here.blob()));
    }
    MetainfoFrames.Frame ticket = new MetainfoFrames.Ticket(here.ticket());
    return frames(Source.single(ticket).concat(here.blob().news().map(MetainfoFrames.News::new)));
  }

  /** The whole blob once it is sealed, or the verdict on it. */
  private Source<MetainfoFrames.Frame, NotUsed> inline(LiveBlob blob) {
    return blob.read(0, OptionalLong.empty())
        .fold(ByteString.emptyByteString(), ByteString::concat)
        .via(upload.limit(ByteString::size))
        .map(MetainfoFrames.Inline::new);
  }

  private HttpResponse frames(Source<? extends MetainfoFrames.Frame, NotUsed> frames) {
    ByteString keepAlive = MetainfoFrames.encode(new MetainfoFrames.KeepAlive());
    Source<ByteString, NotUsed> bytes =
        frames
            .map(frame -> MetainfoFrames.encode(frame))
            .keepAlive(settings.keepAlive(), () -> keepAlive);
    return HttpResponse.create()
        .withEntity(
            HttpEntities.createChunked(ContentTypes.parse(MetainfoFrames.MEDIA_TYPE), bytes));
  }

  private HttpResponse redirect(String api, FrontPath.Layer layer, OriginAccess access) {
    String permit = permits.issue(access, layer.digest(), clock.instant());
    return HttpResponse.create()
        .withStatus(307)
        .addHeader(
            RawHeader.create(
                "Location",
                ProxyPaths.uri(
                        scheme, api, layer.want(), access.repository(), layer.digest(), permit)
                    .toString()));
  }

  private CompletionStage<HttpResponse> bytes(
      HttpRequest request, OriginAccess access, Digest digest, ProxyLayers.Opened opened) {
    return blobs
        .answer(access, digest, opened)
        .thenApply(answer ->
            switch (answer) {
              case Layers.Granted granted -> Responses.blob(request, digest, granted);
              case Layers.Refused(var refusal) -> Responses.refusal(refusal, request);
              case Layers.Unavailable(String cause) ->
                  Responses.unavailable(deed(access, digest), cause);
            });
  }

  private CompletionStage<HttpResponse> torrent(ProxyLayers.Here here) {
    Digest digest = here.blob().digest();
    String deed = "make a torrent of " + digest;
    if (here.blob().state() != SharedBlob.State.SEALED || !here.blob().isComplete()) {
      return done(Responses.unavailable(deed, "it is not whole on this proxy yet"));
    }
    Instant expiry = torrentExpiry(clock.instant());
    return torrents
        .torrentFor(here.blob(), here.ticket(), expiry)
        .thenApply(torrent ->
            torrent
                .map(bytes ->
                    HttpResponse.create()
                        .withEntity(
                            HttpEntities.create(
                                ContentTypes.parse("application/x-bittorrent"), bytes)))
                .orElseGet(() -> Responses.unavailable(deed, "no tracker took its alias")));
  }

  /**
   * One to two days from now and the same all day (UTC): every proxy makes the same torrent, so
   * that its users are one swarm and its alias is one.
   */
  static Instant torrentExpiry(Instant now) {
    return now.truncatedTo(ChronoUnit.DAYS).plus(2, ChronoUnit.DAYS);
  }

  private static String deed(OriginAccess access, Digest digest) {
    return "open blob %s of %s".formatted(digest, access.repository());
  }

  private static CompletionStage<HttpResponse> done(HttpResponse response) {
    return CompletableFuture.completedFuture(response);
  }
}
