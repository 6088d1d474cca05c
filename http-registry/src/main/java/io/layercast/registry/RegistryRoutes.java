package io.layercast.registry;

import akka.actor.ClassicActorSystemProvider;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpMethod;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.Directives;
import akka.http.javadsl.server.Route;
import akka.stream.Materializer;
import akka.stream.SystemMaterializer;
import akka.util.ByteString;
import io.layercast.engine.Credential;
import io.layercast.engine.Digest;
import io.layercast.engine.Layers;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.Refusal;
import io.layercast.engine.RepositoryName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pull side of the OCI distribution spec 1.1, the same on agents and proxies: checks what is
 * asked, asks the {@link RegistryBackend} or, for a blob's bytes, {@link Layers}, and writes the
 * answer. Nothing but JSON errors of the spec leaves it on failure.
 */
final class RegistryRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryRoutes.class);
  private static final int MAX_FORM_BYTES = 64 * 1024;
  private static final int MAX_QUERY_LENGTH = 4096;
  private static final long FORM_TIMEOUT_MILLIS = 10_000;

  private final RegistryBackend backend;
  private final Layers layers;
  private final LayerApi api;
  private final Materializer materializer;

  private RegistryRoutes(
      RegistryBackend backend, Layers layers, LayerApi api, Materializer materializer) {
    this.backend = backend;
    this.layers = layers;
    this.api = api;
    this.materializer = materializer;
  }

  /** A route that answers every request. */
  static Route create(
      ClassicActorSystemProvider system, RegistryBackend backend, Layers layers, LayerApi api) {
    Materializer materializer = SystemMaterializer.get(system).materializer();
    RegistryRoutes routes = new RegistryRoutes(backend, layers, api, materializer);
    return Directives.extractRequest(
        request -> Directives.completeWithFuture(routes.answer(request)));
  }

  private CompletionStage<HttpResponse> answer(HttpRequest request) {
    CompletionStage<HttpResponse> answer;
    try {
      answer = dispatch(request);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    return answer.exceptionally(failure -> {
      LOG.error("An answer to {} could not be made", request.method().name(), failure);
      return Responses.error(
          500, OciError.Code.UNKNOWN, "answer the request", "of an error in this server");
    });
  }

  private CompletionStage<HttpResponse> dispatch(HttpRequest request) {
    return switch (FrontPath.parse(request.getUri().getPathString())) {
      case FrontPath.Unknown _ ->
          done(
              Responses.error(
                  404, OciError.Code.NAME_UNKNOWN, "find that path", "this server has no such"));
      case FrontPath.Invalid(OciError.Code code, String what) ->
          done(
              Responses.error(
                  400, code, "read the request", what + " is not what the spec allows"));
      case FrontPath.Upload _ -> done(notForPushing());
      case FrontPath.Token(String realmId) -> token(request, realmId);
      case FrontPath.Layer layer -> layer(request, layer);
      case FrontPath.Blob blob when request.method().equals(HttpMethods.GET) ->
          blob(request, new OriginAccess(blob.repository(), credential(request)), blob.digest());
      case FrontPath path -> relay(request, path);
    };
  }

  private CompletionStage<HttpResponse> relay(HttpRequest request, FrontPath path) {
    HttpMethod method = request.method();
    boolean isHead = method.equals(HttpMethods.HEAD);
    if (!isHead && !method.equals(HttpMethods.GET)) {
      return done(notForPushing());
    }
    Optional<String> query = request.getUri().rawQueryString();
    if (query.isPresent() && query.get().length() > MAX_QUERY_LENGTH) {
      return done(
          Responses.error(
              414, OciError.Code.UNSUPPORTED, "read the request", "its query is too long"));
    }
    List<String> accept = new ArrayList<>();
    for (HttpHeader header : request.getHeaders()) {
      if (header.is("accept")) {
        accept.add(header.value());
      }
    }
    return backend
        .ask(new RegistryBackend.Ask(path, isHead, query, accept, credential(request)))
        .thenApply(answer -> respond(request, path, answer));
  }

  private static HttpResponse respond(HttpRequest request, FrontPath path, Answer answer) {
    return switch (answer) {
      case Answer.Document document ->
          Responses.document(document, path, request.method().equals(HttpMethods.HEAD));
      case Answer.Refused(Refusal refusal) -> Responses.refusal(refusal, request);
      case Answer.Unavailable(String cause) ->
          Responses.unavailable("relay the request to the origin", cause);
    };
  }

  private CompletionStage<HttpResponse> blob(
      HttpRequest request, OriginAccess access, Digest digest) {
    return layers
        .open(access, digest)
        .thenApply(answer ->
            switch (answer) {
              case Layers.Granted granted -> Responses.blob(request, digest, granted);
              case Layers.Refused(Refusal refusal) -> Responses.refusal(refusal, request);
              case Layers.Unavailable(String cause) ->
                  Responses.unavailable(
                      "pull blob %s of %s".formatted(digest, access.repository()), cause);
            });
  }

  private CompletionStage<HttpResponse> layer(HttpRequest request, FrontPath.Layer layer) {
    HttpMethod method = layer.want() == FrontPath.Want.HELD ? HttpMethods.POST : HttpMethods.GET;
    if (!request.method().equals(method)) {
      return done(notForPushing());
    }
    Optional<RepositoryName> repository =
        request.getUri().query().get("repository").flatMap(RepositoryName::parse);
    if (repository.isEmpty()) {
      return done(
          Responses.error(
              400,
              OciError.Code.NAME_INVALID,
              "read the request",
              "its parameter repository is missing or not what the spec allows"));
    }
    return api.handle(request, layer, new OriginAccess(repository.get(), credential(request)));
  }

  private CompletionStage<HttpResponse> token(HttpRequest request, String realmId) {
    Optional<String> query =
        request.getUri().rawQueryString().filter(text -> text.length() <= MAX_QUERY_LENGTH);
    CompletionStage<Optional<ByteString>> form;
    if (request.method().equals(HttpMethods.GET)) {
      form = CompletableFuture.completedFuture(Optional.empty());
    } else if (request.method().equals(HttpMethods.POST)) {
      form =
          request
              .entity()
              .toStrict(FORM_TIMEOUT_MILLIS, MAX_FORM_BYTES, materializer)
              .thenApply(strict -> Optional.of(strict.getData()));
    } else {
      return done(notForPushing());
    }
    return form.handle((bytes, failure) -> failure == null ? bytes : null)
        .thenCompose(bytes ->
            bytes == null
                ? done(
                    Responses.error(
                        413,
                        OciError.Code.UNSUPPORTED,
                        "read a token request",
                        "its form is too long or came too slowly"))
                : backend
                    .token(new RegistryBackend.TokenAsk(realmId, query, bytes, credential(request)))
                    .thenApply(answer -> respond(request, new FrontPath.Token(realmId), answer)));
  }

  private static HttpResponse notForPushing() {
    return Responses.error(
            405, OciError.Code.UNSUPPORTED, "change the registry", "this server only serves pulls")
        .addHeader(RawHeader.create("Allow", "GET, HEAD"));
  }

  private static Credential credential(HttpRequest request) {
    return Credential.of(Responses.header(request, "Authorization").orElse(""));
  }

  private static <T> CompletionStage<T> done(T value) {
    return CompletableFuture.completedFuture(value);
  }
}
