package io.layercast.registry;

import akka.Done;
import akka.NotUsed;
import akka.actor.ClassicActorSystemProvider;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import akka.japi.Pair;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.layercast.engine.Digest;
import io.layercast.engine.HeldPieces;
import io.layercast.engine.LayerCatalog;
import io.layercast.engine.LayerNews;
import io.layercast.engine.NameLookup;
import io.layercast.engine.OriginAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The proxies as an agent reaches them over HTTP (docs/adr/0006-proxy-api.md). */
public final class ProxyClient implements LayerCatalog {
  private static final int MAX_TORRENT_BYTES = 16 * 1024 * 1024;

  private final ProxyCalls calls;
  private final ProxiesSettings settings;

  private ProxyClient(ProxyCalls calls, ProxiesSettings settings) {
    this.calls = calls;
    this.settings = settings;
  }

  /** A client of {@code layercast.registry.proxies}. */
  public static ProxyClient create(
      ClassicActorSystemProvider system,
      ProxiesSettings settings,
      ProxyDoor door,
      NameLookup lookup) {
    ProxyAddresses addresses =
        new ProxyAddresses(settings.addresses(), lookup, settings.resolveEvery());
    HttpCaller caller = caller(system, settings, door);
    return new ProxyClient(
        new ProxyCalls(caller, addresses, door, settings.longestWait()), settings);
  }

  static HttpCaller caller(
      ClassicActorSystemProvider system, ProxiesSettings settings, ProxyDoor door) {
    Map<HttpCaller.Kind, Integer> connections =
        Map.of(
            HttpCaller.Kind.SHORT, settings.maxConnections(),
            HttpCaller.Kind.STREAM, settings.maxConnections(),
            HttpCaller.Kind.BYTES, settings.maxConnections());
    return new HttpCaller(
        system,
        new HttpCaller.Bounds(
            connections,
            settings.connectTimeout(),
            settings.answerTimeout(),
            settings.layerAnswerTimeout(),
            settings.bindAddress(),
            _ -> HttpCaller.DIRECT),
        door.https());
  }

  RegistryBackend backend() {
    return new ProxyBackend(calls);
  }

  @Override
  public CompletionStage<Opening> open(
      OriginAccess access, Digest digest, Optional<LayerNews.PieceKnown> held) {
    String target = ProxyPaths.target(FrontPath.Want.METAINFO, access.repository(), digest);
    return calls
        .send(
            get(
                target,
                held.map(HeldDesk::header).stream().toList(),
                access,
                HttpCaller.Kind.STREAM),
            response -> opening(response, digest))
        .thenApply(outcome ->
            switch (outcome) {
              case ProxyCalls.Used<Opening>(Opening opening) -> opening;
              case ProxyCalls.Refused<Opening>(var refusal) -> new Refused(refusal);
              case ProxyCalls.Unavailable<Opening>(String cause) -> new Unavailable(cause);
            });
  }

  @Override
  public CompletionStage<Done> offer(OriginAccess access, Digest digest, HeldPieces held) {
    ProxyCalls.Call call =
        new ProxyCalls.Call(
            HttpMethods.POST,
            ProxyPaths.target(FrontPath.Want.HELD, access.repository(), digest),
            List.of(),
            HttpEntities.create(ContentTypes.parse(HeldDesk.MEDIA_TYPE), held.encode()),
            access.credential(),
            access.repository().value(),
            HttpCaller.Kind.SHORT);
    return calls
        .send(
            call,
            response -> {
              calls.caller().drop(response);
              return CompletableFuture.completedFuture(Done.getInstance());
            })
        .thenApply(outcome ->
            switch (outcome) {
              case ProxyCalls.Used<Done>(Done done) -> done;
              case ProxyCalls.Refused<Done>(var refusal) ->
                  throw new IllegalStateException("the answer was " + refusal.status());
              case ProxyCalls.Unavailable<Done>(String cause) ->
                  throw new IllegalStateException(cause);
            });
  }

  private CompletionStage<Opening> opening(HttpResponse response, Digest digest) {
    Source<MetainfoFrames.Frame, NotUsed> frames =
        response
            .entity()
            .getDataBytes()
            .mapMaterializedValue(_ -> NotUsed.getInstance())
            .via(MetainfoFrames.decoder())
            .via(new StallTimeout<>(settings.silence(), "the proxy's metainfo stream"))
            .filterNot(MetainfoFrames.KeepAlive.class::isInstance);
    return frames
        .prefixAndTail(1)
        .runWith(Sink.head(), calls.caller().materializer())
        .thenApply(parts -> opening(parts, digest));
  }

  private static Opening opening(
      Pair<List<MetainfoFrames.Frame>, Source<MetainfoFrames.Frame, NotUsed>> parts,
      Digest digest) {
    if (parts.first().isEmpty()) {
      throw new IllegalStateException("its metainfo stream was empty");
    }
    return switch (parts.first().getFirst()) {
      case MetainfoFrames.Ticket(var ticket) when ticket.digest().equals(digest) ->
          new Swarmed(ticket, parts.second().map(ProxyClient::news));
      case MetainfoFrames.Inline(ByteString bytes) when isOf(digest, bytes) -> new Inline(bytes);
      case MetainfoFrames.Relayed(OptionalLong size) -> new Relayed(size);
      case MetainfoFrames.News(LayerNews.Rejected(int _, String cause)) -> new Unavailable(cause);
      case MetainfoFrames.Frame frame ->
          throw new IllegalStateException(
              "its metainfo stream began with a wrong " + frame.getClass().getSimpleName());
    };
  }

  private static LayerNews news(MetainfoFrames.Frame frame) {
    if (frame instanceof MetainfoFrames.News(LayerNews news)) {
      return news;
    }
    throw new MetainfoFrames.MalformedFrameException(
        "a %s within the news".formatted(frame.getClass().getSimpleName()));
  }

  private static boolean isOf(Digest digest, ByteString bytes) {
    return Digest.ofHash(digest.algorithm(), digest.algorithm().hasher().digest(bytes.toArray()))
        .equals(digest);
  }

  @Override
  public CompletionStage<Fetch> fetch(
      OriginAccess access, Digest digest, long from, OptionalLong to) {
    List<HttpHeader> headers = new ArrayList<>();
    if (from > 0 || to.isPresent()) {
      String last = to.isPresent() ? "" + (to.getAsLong() - 1) : "";
      headers.add(RawHeader.create("Range", "bytes=" + from + "-" + last));
    }
    return calls
        .send(
            get(
                "/v2/" + access.repository() + "/blobs/" + digest,
                headers,
                access,
                HttpCaller.Kind.BYTES),
            response -> fetched(response, from, to))
        .thenApply(outcome ->
            switch (outcome) {
              case ProxyCalls.Used<Fetch>(Fetch fetched) -> fetched;
              case ProxyCalls.Refused<Fetch>(var refusal) -> new Refused(refusal);
              case ProxyCalls.Unavailable<Fetch>(String cause) -> new Unavailable(cause);
            });
  }

  private CompletionStage<Fetch> fetched(HttpResponse response, long from, OptionalLong to) {
    OptionalLong length = response.entity().getContentLengthOption();
    Source<ByteString, NotUsed> body =
        response
            .entity()
            .getDataBytes()
            .mapMaterializedValue(_ -> NotUsed.getInstance())
            .via(new StallTimeout<>(settings.silence(), "the proxy"));
    if (response.status().intValue() == 200) {
      return CompletableFuture.completedFuture(
          new Fetched(
              0, length, length.isPresent() ? Promised.exactly(body, length.getAsLong()) : body));
    }
    Optional<ContentRange> range =
        OriginClient.header(response, "Content-Range").flatMap(ContentRange::parse);
    boolean fits =
        range.isPresent()
            && range.get().from() == from
            && (to.isEmpty() || range.get().to() <= to.getAsLong());
    if (!fits) {
      calls.caller().drop(response);
      return CompletableFuture.failedFuture(
          new IllegalStateException("it answered another range than was asked for"));
    }
    long promised = range.get().to() - from;
    return CompletableFuture.completedFuture(
        new Fetched(from, range.get().sizeBytes(), Promised.exactly(body, promised)));
  }

  /** The agent's side of our own API: only torrents, relayed. */
  CompletionStage<HttpResponse> torrent(
      HttpRequest request, FrontPath.Layer layer, OriginAccess access) {
    String deed = "get a torrent of " + layer.digest();
    if (layer.want() != FrontPath.Want.TORRENT) {
      return CompletableFuture.completedFuture(
          Responses.error(
              404, OciError.Code.NAME_UNKNOWN, "find that path", "only a proxy has such"));
    }
    String target = ProxyPaths.target(layer.want(), access.repository(), layer.digest());
    return calls
        .send(
            get(target, List.of(), access, HttpCaller.Kind.SHORT),
            response -> calls.caller().collect(response, MAX_TORRENT_BYTES))
        .thenApply(outcome ->
            switch (outcome) {
              case ProxyCalls.Used<ByteString>(ByteString bytes) ->
                  HttpResponse.create()
                      .withEntity(
                          HttpEntities.create(
                              ContentTypes.parse("application/x-bittorrent"), bytes));
              case ProxyCalls.Refused<ByteString>(var refusal) ->
                  Responses.refusal(refusal, request);
              case ProxyCalls.Unavailable<ByteString>(String cause) ->
                  Responses.unavailable(deed, cause);
            });
  }

  private static ProxyCalls.Call get(
      String target, List<HttpHeader> headers, OriginAccess access, HttpCaller.Kind kind) {
    return new ProxyCalls.Call(
        HttpMethods.GET,
        target,
        headers,
        HttpEntities.EMPTY,
        access.credential(),
        access.repository().value(),
        kind);
  }
}
