package io.layercast.tracker;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import io.layercast.engine.SwarmKeys;
import io.layercast.engine.bencode.Bencode;
import io.layercast.engine.bencode.BencodeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Registers and resolves the info hashes of torrents made for standard clients. */
final class Aliases {
  /** An alias takes about 100. */
  private static final int MOST_BYTES = 1024;

  private final Bodies bodies;
  private final TrackerAsk tracker;
  private final SwarmKeys keys;
  private final TrackerSettings.Service settings;

  Aliases(Bodies bodies, TrackerAsk tracker, SwarmKeys keys, TrackerSettings.Service settings) {
    this.bodies = bodies;
    this.tracker = tracker;
    this.keys = keys;
    this.settings = settings;
  }

  CompletionStage<HttpResponse> register(HttpRequest request) {
    String proof = request.getHeader(AliasRequest.PROOF_HEADER).map(HttpHeader::value).orElse("");
    return bodies.answer(request, MOST_BYTES, (body, _) -> register(body, proof));
  }

  private CompletionStage<HttpResponse> register(byte[] body, String proof) {
    AliasRequest alias;
    try {
      alias = AliasRequest.decode(body);
    } catch (BencodeException e) {
      return CompletableFuture.completedFuture(
          Replies.failure(StatusCodes.BAD_REQUEST, String.valueOf(e.getMessage())));
    }
    if (!alias.isProvenBy(proof, keys)) {
      return CompletableFuture.completedFuture(
          Replies.failure(StatusCodes.FORBIDDEN, "only proxies may register an alias"));
    }
    Duration lifetime = Duration.ofSeconds(secondsUntil(alias.expiry()));
    return tracker
        .register(alias, lifetime)
        .handle((reply, failure) -> {
          if (failure != null) {
            return moving(failure);
          }
          return reply.accepted()
              ? Replies.ok(
                  Bencode.encode(Bencode.dict().put("tracker id", reply.trackerId()).build()))
              : Replies.failure(StatusCodes.CONFLICT, "expired, not of this cluster, or no room");
        });
  }

  /** Plain hex of the swarm's id, or 404. */
  CompletionStage<HttpResponse> resolve(String hex) {
    if (!hex.matches("[0-9a-fA-F]{40}")) {
      return CompletableFuture.completedFuture(notFound());
    }
    return tracker
        .resolve(HexFormat.of().parseHex(hex))
        .handle((reply, failure) -> {
          if (failure != null) {
            return moving(failure);
          }
          return reply.swarm().length == 0
              ? notFound()
              : HttpResponse.create()
                  .withEntity(
                      HttpEntities.create(
                          ContentTypes.TEXT_PLAIN_UTF8, HexFormat.of().formatHex(reply.swarm())));
        });
  }

  private HttpResponse moving(Throwable failure) {
    Replies.note(failure);
    return Replies.tryAgain(StatusCodes.SERVICE_UNAVAILABLE, settings.retryInterval());
  }

  private static HttpResponse notFound() {
    return Replies.failure(StatusCodes.NOT_FOUND, "no such alias");
  }

  /** At least 0, at most what a Duration of nanoseconds holds. */
  private static long secondsUntil(Instant expiry) {
    long seconds = expiry.getEpochSecond() - Instant.now().getEpochSecond();
    return Math.clamp(seconds, 0, Duration.ofDays(36_500).toSeconds());
  }
}
