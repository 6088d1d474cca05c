package io.layercast.registry;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpMethod;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.RequestEntity;
import akka.http.javadsl.model.headers.RawHeader;
import io.layercast.engine.Credential;
import io.layercast.engine.Digest;
import io.layercast.engine.Refusal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One request to whichever proxy answers: in the order of {@link ProxyAddresses}, the next one when
 * a proxy cannot be reached or says 5xx, at most three redirects from proxy to proxy. The caller's
 * credential goes to proxies only.
 */
final class ProxyCalls {
  private static final int MAX_REDIRECTS = 3;
  private static final int MAX_ERROR_BYTES = 64 * 1024;

  /** Between rounds while no proxy can be reached; doubles, as each try costs a connection. */
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(250);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final HttpCaller caller;
  private final ProxyAddresses addresses;
  private final ProxyDoor door;
  private final Duration wait;

  /**
   * @param wait how long a short call goes on while no proxy can be reached at all
   */
  ProxyCalls(HttpCaller caller, ProxyAddresses addresses, ProxyDoor door, Duration wait) {
    this.caller = caller;
    this.addresses = addresses;
    this.door = door;
    this.wait = wait;
  }

  HttpCaller caller() {
    return caller;
  }

  /** What to send; {@code scope} with the credential decides which proxy is asked first. */
  record Call(
      HttpMethod method,
      String target,
      List<HttpHeader> headers,
      RequestEntity body,
      Credential credential,
      String scope,
      HttpCaller.Kind kind) {}

  /** A proxy's usable answer: 2xx, or a refusal of the origin's. */
  sealed interface Outcome<T> {}

  /** What the use of a 2xx came to. */
  record Used<T>(T value) implements Outcome<T> {}

  /** The origin's no. */
  record Refused<T>(Refusal refusal) implements Outcome<T> {}

  /** No proxy gave one. */
  record Unavailable<T>(String cause) implements Outcome<T> {}

  /**
   * Sends it until a proxy's 2xx was used or the origin's no came.
   *
   * @param use of a 2xx; when its stage fails the next proxy is asked
   */
  <T> CompletionStage<Outcome<T>> send(Call call, Function<HttpResponse, CompletionStage<T>> use) {
    long deadlineNanos = System.nanoTime() + wait.toNanos();
    return call.kind() == HttpCaller.Kind.SHORT
        ? untilReached(call, use, deadlineNanos, SHORTEST_PAUSE)
        : round(call, use);
  }

  /** A pull begins with short calls; later ones are tried again by whoever needs their bytes. */
  private <T> CompletionStage<Outcome<T>> untilReached(
      Call call,
      Function<HttpResponse, CompletionStage<T>> use,
      long deadlineNanos,
      Duration pause) {
    return round(call, use)
        .thenCompose(outcome -> {
          boolean goesOn =
              outcome instanceof Unavailable
                  && addresses.areAllDown()
                  && System.nanoTime() - deadlineNanos < 0;
          if (!goesOn) {
            return CompletableFuture.completedFuture(outcome);
          }
          Duration doubled = pause.multipliedBy(2);
          Duration next = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
          return CompletableFuture.supplyAsync(
                  () -> untilReached(call, use, deadlineNanos, next),
                  CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS))
              .thenCompose(again -> again);
        });
  }

  /** Asks each proxy once at most. */
  private <T> CompletionStage<Outcome<T>> round(
      Call call, Function<HttpResponse, CompletionStage<T>> use) {
    return next(call, use, addresses.order(key(call)).iterator(), "no proxy is configured");
  }

  private static String key(Call call) {
    byte[] credential = call.credential().reveal().getBytes(StandardCharsets.UTF_8);
    return Digest.sha256Of(credential).hex() + "/" + call.scope();
  }

  private <T> CompletionStage<Outcome<T>> next(
      Call call,
      Function<HttpResponse, CompletionStage<T>> use,
      Iterator<HostAndPort> order,
      String cause) {
    if (!order.hasNext()) {
      return CompletableFuture.completedFuture(new Unavailable<>(cause));
    }
    HostAndPort proxy = order.next();
    return ask(call, use, proxy, call.target(), 0)
        .handle((outcome, failure) ->
            failure == null
                ? outcome
                : new Unavailable<T>("proxy %s: %s".formatted(proxy, HttpCaller.cause(failure))))
        .thenCompose(outcome ->
            outcome instanceof Unavailable<T>(String why)
                ? next(call, use, order, why)
                : CompletableFuture.completedFuture(outcome));
  }

  private <T> CompletionStage<Outcome<T>> ask(
      Call call,
      Function<HttpResponse, CompletionStage<T>> use,
      HostAndPort proxy,
      String target,
      int redirects) {
    List<HttpHeader> headers = new ArrayList<>(call.headers());
    headers.addAll(door.headers());
    if (call.credential().isPresent()) {
      headers.add(RawHeader.create("Authorization", call.credential().reveal()));
    }
    URI uri = URI.create(door.scheme() + "://" + proxy + target);
    return caller
        .send(call.method(), uri, headers, call.body(), call.kind())
        .whenComplete((_, failure) -> {
          if (failure == null) {
            addresses.answered(proxy);
          } else {
            addresses.failed(proxy);
          }
        })
        .thenCompose(response -> {
          int status = response.status().intValue();
          if (Documents.isSuccess(response)) {
            return use.apply(response).thenApply(Used::new);
          }
          if (status == 307 && redirects < MAX_REDIRECTS) {
            caller.drop(response);
            return follow(call, use, response, redirects);
          }
          if (NodesOnly.isRefusal(response)) {
            caller.drop(response);
            return CompletableFuture.failedFuture(
                new IllegalStateException("it does not take this node for one of its cluster"));
          }
          return refused(response);
        });
  }

  private <T> CompletionStage<Outcome<T>> follow(
      Call call,
      Function<HttpResponse, CompletionStage<T>> use,
      HttpResponse response,
      int redirects) {
    URI location = URI.create(OriginClient.header(response, "Location").orElse(""));
    Optional<HostAndPort> owner = HostAndPort.parse(String.valueOf(location.getRawAuthority()));
    if (owner.isEmpty() || !door.scheme().equals(location.getScheme())) {
      return CompletableFuture.failedFuture(new IllegalStateException("it redirects to no proxy"));
    }
    if (addresses.isDown(owner.get())) { // it is asked last in this round, and once is enough
      return CompletableFuture.failedFuture(
          new IllegalStateException(
              "it redirects to %s, which has just failed".formatted(owner.get())));
    }
    String query = location.getRawQuery() == null ? "" : "?" + location.getRawQuery();
    return ask(call, use, owner.get(), location.getRawPath() + query, redirects + 1);
  }

  private <T> CompletionStage<Outcome<T>> refused(HttpResponse response) {
    int status = response.status().intValue();
    int retryAfter =
        OriginClient.header(response, "Retry-After")
            .filter(text -> text.matches("\\d{1,6}"))
            .map(Integer::parseInt)
            .orElse(0);
    return Documents.errorJson(caller, response, MAX_ERROR_BYTES)
        .thenApply(json -> {
          boolean isOrigins = (status >= 400 && status < 500) || retryAfter > 0;
          if (!isOrigins && status != 502) {
            return new Unavailable<T>(
                json.flatMap(OciError::detailOf).orElse("a proxy answered " + status));
          }
          return new Refused<T>(
              new Refusal(
                  status,
                  OriginClient.challenges(response),
                  json.orElseGet(() ->
                      OciError.json(
                          OciError.codeOf(status, OciError.Code.NAME_UNKNOWN),
                          "relay the request to a proxy",
                          "it answered " + status)),
                  retryAfter));
        });
  }
}
