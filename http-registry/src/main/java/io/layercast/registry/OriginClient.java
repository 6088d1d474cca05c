package io.layercast.registry;

import akka.NotUsed;
import akka.actor.ClassicActorSystemProvider;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpMethod;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.RequestEntity;
import akka.http.javadsl.model.headers.RawHeader;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.layercast.engine.Credential;
import io.layercast.engine.Digest;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.OriginBlobs;
import io.layercast.engine.Refusal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The one registry behind everything. Sends a caller's credential to the origin's own scheme, host
 * and port only, follows redirects itself, and turns whatever comes back into values: no answer of
 * the origin, however odd, fails a stage or is relayed as it is.
 */
public final class OriginClient implements OriginBlobs {
  private static final int MAX_ERROR_BYTES = 64 * 1024;

  private final HttpCaller caller;
  private final OriginSettings settings;
  private final URI origin;
  private final Realms realms;
  private final OriginCounts counts = new OriginCounts();
  private final OriginTrouble trouble = new OriginTrouble();

  /**
   * The end of a request's redirects.
   *
   * @param isOrigins whether the origin itself gave the answer; what another host says, to whom no
   *     credential went, is neither its no nor its challenge
   */
  private record Reached(HttpResponse response, boolean isOrigins) {}

  private OriginClient(HttpCaller caller, OriginSettings settings, URI origin, Realms realms) {
    this.caller = caller;
    this.settings = settings;
    this.origin = origin;
    this.realms = realms;
  }

  /**
   * A client of {@code layercast.registry.origin}.
   *
   * @throws IllegalArgumentException when no url is set or the CA file cannot be used
   */
  public static OriginClient create(ClassicActorSystemProvider system, OriginSettings settings) {
    URI origin =
        settings
            .url()
            .orElseThrow(
                () -> new IllegalArgumentException("layercast.registry.origin.url is not set"));
    HttpCaller caller = OriginCaller.create(system, settings);
    return new OriginClient(caller, settings, origin, Realms.of(origin));
  }

  /** What has come of its requests so far. */
  public OriginCounts counts() {
    return counts;
  }

  Realms realms() {
    return realms;
  }

  HttpCaller caller() {
    return caller;
  }

  @Override
  public CompletionStage<Reply> fetch(
      OriginAccess access, Digest digest, long from, OptionalLong to) {
    String deed = "pull blob %s of %s from the origin".formatted(digest, access.repository());
    List<HttpHeader> headers = new ArrayList<>();
    headers.add(RawHeader.create("Accept", "*/*"));
    headers.add(RawHeader.create("Accept-Encoding", "identity"));
    if (from > 0 || to.isPresent()) {
      String last = to.isPresent() ? "" + (to.getAsLong() - 1) : "";
      headers.add(RawHeader.create("Range", "bytes=" + from + "-" + last));
    }
    String path = "/v2/" + access.repository() + "/blobs/" + digest;
    return exchange(HttpMethods.GET, path, headers, access.credential(), HttpCaller.Kind.BYTES)
        .thenCompose(reached -> reply(reached, deed, from, to))
        .exceptionally(failure -> new Broken(HttpCaller.cause(failure)));
  }

  private CompletionStage<Reply> reply(Reached reached, String deed, long from, OptionalLong to) {
    HttpResponse response = reached.response();
    int status = response.status().intValue();
    OptionalLong length = response.entity().getContentLengthOption();
    if (status == 200) {
      return done(new Bytes(0, length, body(response, length)));
    }
    if (status == 206) {
      Optional<ContentRange> range = header(response, "Content-Range").flatMap(ContentRange::parse);
      boolean fits =
          range.isPresent()
              && range.get().from() == from
              && (to.isEmpty() || range.get().to() <= to.getAsLong());
      if (fits) {
        long promised = range.get().to() - from;
        if (length.isEmpty() || length.getAsLong() == promised) {
          return done(
              new Bytes(from, range.get().sizeBytes(), body(response, OptionalLong.of(promised))));
        }
      }
      caller.drop(response);
      return done(new Broken("the origin answered another range than was asked for"));
    }
    return refusal(reached, deed, OciError.Code.BLOB_UNKNOWN)
        .thenApply(refusal -> refused(reached, refusal));
  }

  private static Reply refused(Reached reached, Refusal refusal) {
    int status = reached.response().status().intValue();
    if (status == 404 && !reached.isOrigins()) { // it named the blob's place, so it has the blob
      return new Broken(behind(status));
    }
    if (status == 429 || status == 503) {
      return new Busy(refusal, Duration.ofSeconds(refusal.retryAfterSeconds()));
    }
    if (status >= 500 || status == 408 || status < 400) {
      return new Broken("the origin answered " + status);
    }
    return new Refused(refusal);
  }

  private Source<ByteString, NotUsed> body(HttpResponse response, OptionalLong length) {
    Source<ByteString, NotUsed> bytes =
        response
            .entity()
            .getDataBytes()
            .mapMaterializedValue(_ -> NotUsed.getInstance())
            .via(new StallTimeout<>(settings.stallTimeout(), "the origin"))
            .map(chunk -> {
              counts.layerBytes(chunk.size());
              return chunk;
            });
    return length.isPresent() ? Promised.exactly(bytes, length.getAsLong()) : bytes;
  }

  /**
   * Asks for something that fits in memory.
   *
   * @param target path and query
   * @param notFound the code of a 404 that brings none
   */
  CompletionStage<Answer> document(
      HttpMethod method,
      String target,
      List<HttpHeader> headers,
      Credential credential,
      String deed,
      OciError.Code notFound) {
    return exchange(method, target, headers, credential, HttpCaller.Kind.SHORT)
        .thenCompose(reached ->
            Documents.read(
                caller,
                reached.response(),
                method.equals(HttpMethods.HEAD),
                settings.maxDocumentBytes(),
                () -> refusal(reached, deed, notFound)))
        .exceptionally(failure -> new Answer.Unavailable(HttpCaller.cause(failure)));
  }

  /**
   * The origin's no as a value; drains the response. Fails when it is another host that wants to
   * know who asks: that is none of the caller's doing, and its realm is none of the origin's.
   */
  private CompletionStage<Refusal> refusal(Reached reached, String deed, OciError.Code notFound) {
    HttpResponse response = reached.response();
    int status = response.status().intValue();
    if ((status == 401 || status == 403) && !reached.isOrigins()) {
      caller.drop(response);
      return CompletableFuture.failedFuture(new IllegalStateException(behind(status)));
    }
    List<String> challenges = status == 401 ? realms.conceal(challenges(response)) : List.of();
    int retryAfter =
        (int)
            header(response, "Retry-After")
                .flatMap(v -> RetryAfter.parse(v, Instant.now(), settings.maxRetryAfter()))
                .map(Duration::toSeconds)
                .orElse(0L)
                .longValue();
    return Documents.errorJson(caller, response, MAX_ERROR_BYTES)
        .thenApply(given ->
            new Refusal(
                status < 400 ? 502 : status,
                challenges,
                given.orElseGet(() ->
                    OciError.json(
                        OciError.codeOf(status, notFound), deed, "the origin answered " + status)),
                retryAfter));
  }

  private static String behind(int status) {
    return "the store behind the origin answered " + status;
  }

  static List<String> challenges(HttpResponse response) {
    List<String> values = new ArrayList<>();
    for (HttpHeader header : response.getHeaders()) {
      if (header.is("www-authenticate")) {
        values.add(header.value());
      }
    }
    return values;
  }

  static Optional<String> header(HttpResponse response, String name) {
    return response.getHeader(name).map(HttpHeader::value);
  }

  private CompletionStage<Reached> exchange(
      HttpMethod method,
      String target,
      List<HttpHeader> headers,
      Credential credential,
      HttpCaller.Kind kind) {
    Redirects redirects = new Redirects(URI.create(base(origin) + target), settings.maxRedirects());
    return hop(method, redirects, headers, credential, kind)
        .whenComplete((reached, _) -> counts.answered(reached == null ? null : reached.response()));
  }

  /** As {@link HttpCaller#send}; a failure names the host and why it cannot be reached. */
  CompletionStage<HttpResponse> send(
      HttpMethod method,
      URI target,
      List<HttpHeader> headers,
      RequestEntity body,
      HttpCaller.Kind kind) {
    return caller
        .send(method, target, headers, body, kind)
        .exceptionallyCompose(failure -> {
          String host = Redirects.authority(target);
          String cause = ConnectFailure.describe(failure);
          trouble.note(host, cause, System.nanoTime());
          return CompletableFuture.failedFuture(
              new IllegalStateException("%s cannot be asked: %s".formatted(host, cause), failure));
        });
  }

  private CompletionStage<Reached> hop(
      HttpMethod method,
      Redirects redirects,
      List<HttpHeader> headers,
      Credential credential,
      HttpCaller.Kind kind) {
    List<HttpHeader> all = new ArrayList<>(headers);
    if (redirects.isCredentialAllowed() && credential.isPresent()) {
      all.add(RawHeader.create("Authorization", credential.reveal()));
    }
    return send(method, redirects.current(), all, HttpEntities.EMPTY, kind)
        .thenCompose(response -> {
          Optional<String> location = redirect(response);
          if (location.isEmpty()) {
            return done(new Reached(response, redirects.isCredentialAllowed()));
          }
          caller.drop(response);
          Optional<String> refused = redirects.follow(location.get());
          return refused.isPresent()
              ? CompletableFuture.failedFuture(new IllegalStateException(refused.get()))
              : hop(method, redirects, headers, credential, kind);
        });
  }

  private static Optional<String> redirect(HttpResponse response) {
    return switch (response.status().intValue()) {
      case 301, 302, 303, 307, 308 -> header(response, "Location");
      default -> Optional.empty();
    };
  }

  private static String base(URI uri) {
    return uri.getScheme() + "://" + uri.getRawAuthority();
  }

  private static <T> CompletionStage<T> done(T value) {
    return CompletableFuture.completedFuture(value);
  }
}
