package io.layercast.registry;

import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpMethod;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.RequestEntity;
import akka.http.javadsl.model.headers.RawHeader;
import io.layercast.engine.Credential;
import io.layercast.engine.Digest;
import io.layercast.engine.RepositoryName;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** An agent's backend: relays to a proxy, which asks the origin. */
final class ProxyBackend implements RegistryBackend {
  /** Whatever a proxy may be configured to relay. */
  private static final int MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

  private final ProxyCalls calls;

  ProxyBackend(ProxyCalls calls) {
    this.calls = calls;
  }

  @Override
  public CompletionStage<Answer> ask(Ask ask) {
    HttpMethod method = ask.head() ? HttpMethods.HEAD : HttpMethods.GET;
    List<HttpHeader> accept =
        ask.accept().stream().<HttpHeader>map(v -> RawHeader.create("Accept", v)).toList();
    return switch (ask.path()) {
      case FrontPath.Base _ -> call(ask, method, "/v2/", "", accept);
      case FrontPath.Manifest(RepositoryName name, var reference) ->
          call(ask, method, "/v2/" + name + "/manifests/" + reference, name.value(), accept);
      case FrontPath.Blob(RepositoryName name, Digest digest) ->
          call(ask, method, "/v2/" + name + "/blobs/" + digest, name.value(), accept);
      case FrontPath.Tags(RepositoryName name) ->
          call(ask, method, "/v2/" + name + "/tags/list" + query(ask), name.value(), accept);
      case FrontPath.Referrers(RepositoryName name, Digest digest) ->
          call(
              ask,
              method,
              "/v2/" + name + "/referrers/" + digest + query(ask),
              name.value(),
              accept);
      case FrontPath.Upload _,
          FrontPath.Token _,
          FrontPath.Layer _,
          FrontPath.Invalid _,
          FrontPath.Unknown _ ->
          throw new IllegalArgumentException("no path for a backend: " + ask.path());
    };
  }

  @Override
  public CompletionStage<Answer> token(TokenAsk ask) {
    RequestEntity body =
        ask.form()
            .<RequestEntity>map(form ->
                HttpEntities.create(
                    MediaTypes.APPLICATION_X_WWW_FORM_URLENCODED.toContentType(), form))
            .orElse(HttpEntities.EMPTY);
    String target = Realms.PATH + ask.realmId() + ask.query().map(query -> "?" + query).orElse("");
    HttpMethod method = ask.form().isPresent() ? HttpMethods.POST : HttpMethods.GET;
    return send(method, target, List.of(), body, ask.credential(), ask.realmId());
  }

  private CompletionStage<Answer> call(
      Ask ask, HttpMethod method, String target, String scope, List<HttpHeader> accept) {
    return send(method, target, accept, HttpEntities.EMPTY, ask.credential(), scope);
  }

  private CompletionStage<Answer> send(
      HttpMethod method,
      String target,
      List<HttpHeader> headers,
      RequestEntity body,
      Credential credential,
      String scope) {
    return calls
        .send(
            new ProxyCalls.Call(
                method, target, headers, body, credential, scope, HttpCaller.Kind.SHORT),
            response -> document(response, method.equals(HttpMethods.HEAD)))
        .thenApply(outcome ->
            switch (outcome) {
              case ProxyCalls.Used<Answer>(Answer answer) -> answer;
              case ProxyCalls.Refused<Answer>(var refusal) -> new Answer.Refused(refusal);
              case ProxyCalls.Unavailable<Answer>(String cause) -> new Answer.Unavailable(cause);
            });
  }

  private CompletionStage<Answer> document(HttpResponse response, boolean isHead) {
    return Documents.read(
        calls.caller(),
        response,
        isHead,
        MAX_DOCUMENT_BYTES,
        () -> CompletableFuture.failedFuture(new IllegalStateException("a 2xx was no success")));
  }

  private static String query(Ask ask) {
    return ask.query().map(query -> "?" + query).orElse("");
  }
}
