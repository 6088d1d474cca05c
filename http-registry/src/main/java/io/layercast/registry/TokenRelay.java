package io.layercast.registry;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpMethod;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.RequestEntity;
import akka.http.javadsl.model.headers.RawHeader;
import akka.util.ByteString;
import io.layercast.engine.Credential;
import io.layercast.engine.Refusal;
import io.layercast.engine.RepositoryName;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Relays requests for tokens to the realm that the origin's own challenge named (distribution spec
 * "Token Authentication", GET; "OAuth2 Token Authentication", POST). The caller's password or
 * refresh token goes to that realm alone; a realm that redirects is refused.
 */
final class TokenRelay {
  private static final String DEED = "get a token from the origin's token service";
  private static final int MAX_TOKEN_BYTES = 1024 * 1024;
  private static final Pattern SCOPE = Pattern.compile("repository:([^:]+):");

  private final OriginClient origin;

  TokenRelay(OriginClient origin) {
    this.origin = origin;
  }

  CompletionStage<Answer> token(RegistryBackend.TokenAsk ask) {
    return realm(ask)
        .thenCompose(realm ->
            realm.isPresent()
                ? relay(realm.get(), ask)
                : CompletableFuture.completedFuture(
                    new Answer.Refused(
                        OciError.refusal(
                            404,
                            OciError.Code.UNKNOWN,
                            DEED,
                            "the origin names no such realm (any more)"))));
  }

  /** The realm with that id; if this proxy does not know it, the origin's challenges are read. */
  private CompletionStage<Optional<URI>> realm(RegistryBackend.TokenAsk ask) {
    Realms realms = origin.realms();
    Optional<URI> known = realms.find(ask.realmId());
    if (known.isPresent()) {
      return CompletableFuture.completedFuture(known);
    }
    return provoke("/v2/")
        .thenCompose(_ -> {
          Optional<RepositoryName> repository = repository(ask);
          return realms.find(ask.realmId()).isPresent() || repository.isEmpty()
              ? CompletableFuture.<Answer>completedFuture(new Answer.Unavailable(""))
              : provoke("/v2/" + repository.get() + "/tags/list?n=1");
        })
        .thenApply(_ -> realms.find(ask.realmId()));
  }

  /** Asks without credential; the client remembers the realms of the 401 that follows. */
  private CompletionStage<Answer> provoke(String target) {
    return origin.document(
        HttpMethods.GET, target, List.of(), Credential.NONE, DEED, OciError.Code.NAME_UNKNOWN);
  }

  private static Optional<RepositoryName> repository(RegistryBackend.TokenAsk ask) {
    String parameters =
        ask.query().orElse("") + "&" + ask.form().map(ByteString::utf8String).orElse("");
    for (String parameter : parameters.split("&", 64)) {
      if (parameter.startsWith("scope=")) {
        try {
          String scope = URLDecoder.decode(parameter.substring(6), StandardCharsets.UTF_8);
          Matcher matcher = SCOPE.matcher(scope);
          if (matcher.lookingAt()) {
            return RepositoryName.parse(matcher.group(1));
          }
        } catch (IllegalArgumentException _) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private CompletionStage<Answer> relay(URI realm, RegistryBackend.TokenAsk ask) {
    URI target = ask.query().map(query -> withQuery(realm, query)).orElse(realm);
    List<HttpHeader> headers = new ArrayList<>();
    headers.add(RawHeader.create("Accept", "application/json"));
    headers.add(RawHeader.create("Accept-Encoding", "identity"));
    if (ask.credential().isPresent()) {
      headers.add(RawHeader.create("Authorization", ask.credential().reveal()));
    }
    HttpMethod method = ask.form().isPresent() ? HttpMethods.POST : HttpMethods.GET;
    RequestEntity body =
        ask.form()
            .<RequestEntity>map(form ->
                HttpEntities.create(
                    MediaTypes.APPLICATION_X_WWW_FORM_URLENCODED.toContentType(), form))
            .orElse(HttpEntities.EMPTY);
    return origin
        .send(method, target, headers, body, HttpCaller.Kind.SHORT)
        .thenCompose(this::answer)
        .exceptionally(failure -> new Answer.Unavailable(HttpCaller.cause(failure)));
  }

  private static URI withQuery(URI realm, String query) {
    String text = realm.toString();
    int hash = text.indexOf('#');
    String bare = hash < 0 ? text : text.substring(0, hash);
    return URI.create(bare + (realm.getRawQuery() == null ? "?" : "&") + query);
  }

  private CompletionStage<Answer> answer(HttpResponse response) {
    HttpCaller caller = origin.caller();
    int status = response.status().intValue();
    if (response.status().isRedirection()) {
      caller.drop(response);
      return CompletableFuture.completedFuture(
          new Answer.Unavailable("the token service redirects, and credentials do not follow"));
    }
    // Not asked for, and never unpacked here.
    boolean isEncoded =
        OriginClient.header(response, "Content-Encoding")
            .filter(encoding -> !encoding.equalsIgnoreCase("identity"))
            .isPresent();
    boolean isJson =
        !isEncoded && response.entity().getContentType().mediaType().toString().endsWith("json");
    List<String> challenges = OriginClient.challenges(response);
    return caller
        .collect(response, MAX_TOKEN_BYTES)
        .thenApply(bytes -> {
          if (status == 200 && isJson) {
            return new Answer.Document(
                200,
                ContentTypes.APPLICATION_JSON.toString(),
                Map.of("Cache-Control", List.of("no-store")),
                OptionalLong.of(bytes.size()),
                bytes);
          }
          int answered = status >= 400 ? status : 502;
          return new Answer.Refused(
              new Refusal(
                  answered,
                  answered == 401 ? basicOnly(challenges) : List.of(),
                  isJson && status >= 400
                      ? bytes.utf8String()
                      : OciError.json(
                          OciError.codeOf(answered, OciError.Code.UNKNOWN),
                          DEED,
                          "it answered " + status),
                  0));
        });
  }

  private static List<String> basicOnly(List<String> headers) {
    return headers.stream()
        .flatMap(header -> Challenge.parse(header).stream())
        .filter(challenge -> challenge.scheme().equalsIgnoreCase("Basic"))
        .map(Challenge::render)
        .toList();
  }
}
