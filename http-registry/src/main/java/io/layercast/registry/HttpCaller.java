package io.layercast.registry;

import akka.actor.ActorSystem;
import akka.actor.ClassicActorSystemProvider;
import akka.http.javadsl.ClientTransport;
import akka.http.javadsl.Http;
import akka.http.javadsl.HttpsConnectionContext;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpMethod;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.RequestEntity;
import akka.http.javadsl.model.headers.RawRequestURI;
import akka.http.javadsl.settings.ClientConnectionSettings;
import akka.http.javadsl.settings.ConnectionPoolSettings;
import akka.http.javadsl.settings.ParserSettings;
import akka.stream.Materializer;
import akka.stream.SystemMaterializer;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import scala.concurrent.duration.FiniteDuration;

/**
 * Sends single requests over connection pools of our own: one pool for each kind of call, so that
 * long streams cannot starve short calls, with headers up to 64 KiB that are handed on as they
 * came. Waits for the head of an answer for a bounded time; a connection that has gone silent for
 * longer is closed, as a call that nobody waits for any more would keep its place for ever.
 */
final class HttpCaller {
  /** What a call is for; each has pools of its own. */
  enum Kind {
    /** Small documents. */
    SHORT,
    /** Metainfo streams, open as long as a layer grows. */
    STREAM,
    /** Layer bytes. */
    BYTES
  }

  /**
   * Bounds of one caller.
   *
   * @param answerTimeout of short calls, to the head and from there to the end
   * @param layerAnswerTimeout of others, to the head
   * @param transport the way to each target; the same one every time, as pools go by it
   */
  record Bounds(
      Map<Kind, Integer> maxConnections,
      Duration connectTimeout,
      Duration answerTimeout,
      Duration layerAnswerTimeout,
      Optional<InetAddress> bindAddress,
      Function<URI, ClientTransport> transport) {

    Duration answerTimeout(Kind kind) {
      return kind == Kind.SHORT ? answerTimeout : layerAnswerTimeout;
    }
  }

  private record Way(Kind kind, ClientTransport transport) {}

  /**
   * The way without a forward proxy. {@link ClientTransport#TCP} is another, unequal object each
   * time it is asked for, and so would be a pool's settings.
   */
  static final ClientTransport DIRECT = ClientTransport.TCP();

  static final int MAX_HEADER_BYTES = 64 * 1024;

  /**
   * What is read of a body nobody wants, for its connection's sake: more costs more than a new one.
   */
  private static final int MAX_DROPPED_BYTES = 64 * 1024;

  /** Of layers: our streams send keep-alives, and a reader may rest as long at our servers. */
  private static final Duration LAYER_IDLE = Duration.ofMinutes(10);

  /**
   * Short calls that wait at one host, a power of two: four for each of a thousand nodes that pull
   * the same at once. None is waited for longer than an answer.
   */
  private static final int MAX_WAITING = 4096;

  private static final FiniteDuration MIN_BACKOFF =
      FiniteDuration.create(50, TimeUnit.MILLISECONDS);
  private static final FiniteDuration MAX_BACKOFF = FiniteDuration.create(1, TimeUnit.SECONDS);

  private final ActorSystem system;
  private final Materializer materializer;
  private final Bounds bounds;
  private final Optional<HttpsConnectionContext> https;
  private final Map<Way, ConnectionPoolSettings> pools = new ConcurrentHashMap<>();

  HttpCaller(
      ClassicActorSystemProvider provider, Bounds bounds, Optional<HttpsConnectionContext> https) {
    this.system = provider.classicSystem();
    this.materializer = SystemMaterializer.get(system).materializer();
    this.bounds = bounds;
    this.https = https;
  }

  Materializer materializer() {
    return materializer;
  }

  /**
   * Sends one request. The stage fails when no head of an answer comes in time. Whoever gets the
   * response must run its body or {@link #drop} it.
   *
   * @param uri absolute; its path and query go out exactly as they stand
   */
  CompletionStage<HttpResponse> send(
      HttpMethod method, URI uri, List<HttpHeader> headers, RequestEntity body, Kind kind) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String target = uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    List<HttpHeader> all = new ArrayList<>(headers);
    all.add(RawRequestURI.create(target));
    String base = uri.getScheme() + "://" + uri.getRawAuthority();
    HttpRequest request =
        HttpRequest.create(base + "/").withMethod(method).addHeaders(all).withEntity(body);
    Way way = new Way(kind, bounds.transport().apply(uri));
    Http http = Http.get(system);
    CompletableFuture<HttpResponse> inTime = new CompletableFuture<>();
    CompletionStage<HttpResponse> answer =
        http.singleRequest(
            request,
            https.orElseGet(http::defaultClientHttpsContext),
            pools.computeIfAbsent(way, this::pool),
            system.log());
    answer.whenComplete((response, failure) -> {
      if (failure != null) {
        inTime.completeExceptionally(failure);
      } else if (!inTime.complete(response)) {
        drop(response); // too late, nobody waits
      }
    });
    return inTime.orTimeout(bounds.answerTimeout(kind).toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Gets rid of a body; keeps the connection if that takes little. */
  void drop(HttpResponse response) {
    Source<ByteString, Object> body = response.entity().getDataBytes();
    if (response.entity().getContentLengthOption().orElse(0) > MAX_DROPPED_BYTES) {
      body.runWith(Sink.cancelled(), materializer);
    } else {
      body.limitWeighted(MAX_DROPPED_BYTES, bytes -> (long) bytes.size())
          .completionTimeout(bounds.answerTimeout())
          .runWith(Sink.ignore(), materializer);
    }
  }

  /** The whole body, or a failure when it is longer than {@code maxBytes} or too slow. */
  CompletionStage<ByteString> collect(HttpResponse response, long maxBytes) {
    return response
        .entity()
        .toStrict(bounds.answerTimeout().toMillis(), maxBytes, materializer)
        .thenApply(strict -> strict.getData());
  }

  /** Why a call failed, in words that quote nothing of the request. */
  static String cause(Throwable failure) {
    Throwable root = failure;
    while (root instanceof CompletionException && root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof TimeoutException && root.getMessage() == null) {
      return "no answer came in time";
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }

  private ConnectionPoolSettings pool(Way way) {
    Kind kind = way.kind();
    int connections = java.util.Objects.requireNonNull(bounds.maxConnections().get(kind));
    ClientConnectionSettings connection =
        ClientConnectionSettings.create(system)
            .withConnectingTimeout(
                FiniteDuration.create(bounds.connectTimeout().toMillis(), TimeUnit.MILLISECONDS))
            .withIdleTimeout(FiniteDuration.create(idle(kind).toMillis(), TimeUnit.MILLISECONDS))
            .withParserSettings(rawHeaders(ParserSettings.forClient(system)))
            .withLocalAddress(
                bounds.bindAddress().map(address -> new InetSocketAddress(address, 0)));
    return ConnectionPoolSettings.create(system)
        .withConnectionSettings(connection)
        .withTransport(way.transport())
        .withMaxConnections(connections)
        .withMinConnections(0)
        // The other end may close a kept connection just as we take it (RFC 9112, 9.3.1); only what
        // is idempotent and has no answer yet is sent again.
        .withMaxRetries(1)
        .withMaxOpenRequests(
            kind == Kind.SHORT ? MAX_WAITING : Integer.highestOneBit(connections) * 4)
        .withPipeliningLimit(1)
        .withBaseConnectionBackoff(MIN_BACKOFF)
        .withMaxConnectionBackoff(MAX_BACKOFF)
        .withKeepAliveTimeout(FiniteDuration.create(30, TimeUnit.SECONDS))
        .withIdleTimeout(scala.concurrent.duration.Duration.Inf())
        .withResponseEntitySubscriptionTimeout(
            FiniteDuration.create(bounds.answerTimeout().toMillis(), TimeUnit.MILLISECONDS));
  }

  /** Longer than anybody waits for one who is merely slow. */
  private Duration idle(Kind kind) {
    return kind == Kind.SHORT ? bounds.answerTimeout().multipliedBy(2) : LAYER_IDLE;
  }

  /**
   * Headers stay as they came (a credential that akka-http parses and renders again need not be the
   * same bytes), may be long, and are never quoted in a warning.
   */
  static ParserSettings rawHeaders(ParserSettings settings) {
    return settings
        .withModeledHeaderParsing(false)
        .withIllegalHeaderWarnings(false)
        .withMaxHeaderValueLength(MAX_HEADER_BYTES)
        .withMaxUriLength(16 * 1024)
        .withMaxHeaderCount(128);
  }
}
