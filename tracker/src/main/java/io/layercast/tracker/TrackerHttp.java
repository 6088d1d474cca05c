package io.layercast.tracker;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.event.NoLogging;
import akka.http.javadsl.Http;
import akka.http.javadsl.HttpsConnectionContext;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.settings.ClientConnectionSettings;
import akka.http.javadsl.settings.ConnectionPoolSettings;
import io.layercast.engine.ClusterCredential;
import io.layercast.engine.SwarmId;
import io.layercast.engine.bencode.Bencode;
import io.layercast.engine.bencode.BencodeException;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import scala.concurrent.duration.FiniteDuration;

/**
 * One request to one tracker, on a pool of its own. Every stage fails with an {@link IOException}
 * or a time-out when the answer is not the one that was asked for.
 */
final class TrackerHttp {
  private final ActorSystem<?> system;
  private final Http http;
  private final HttpsConnectionContext https;
  private final ConnectionPoolSettings pool;
  private final Duration timeout;
  private final int maxResponseBytes;
  private final Supplier<Optional<ClusterCredential>> credential;

  /**
   * @param credential vouches for announces, asked for each one; empty when there is none
   */
  TrackerHttp(
      ActorSystem<?> system,
      TrackerClientSettings settings,
      Supplier<Optional<ClusterCredential>> credential) {
    this.system = system;
    this.http = Http.get(system);
    this.https = http.defaultClientHttpsContext();
    this.pool = pool(system, settings);
    this.timeout = settings.connection().requestTimeout();
    this.credential = credential;
    this.maxResponseBytes = settings.connection().maxResponseBytes();
  }

  CompletionStage<NodeReply> announce(InetSocketAddress tracker, NodeAnnounce announce) {
    byte[] body = announce.encode();
    HttpRequest request =
        HttpRequest.POST(url(tracker, "announce"))
            .withHeaders(credential.get().map(own -> proof(own, body)).stream().toList())
            .withEntity(ContentTypes.APPLICATION_OCTET_STREAM, body);
    return send(request)
        .thenApply(answer -> {
          try {
            return NodeReply.decode(answer.okBody(tracker));
          } catch (BencodeException e) {
            throw failed(tracker, "with something else than an announce's answer", e);
          }
        });
  }

  private static HttpHeader proof(ClusterCredential own, byte[] body) {
    return RawHeader.create(ClusterCredential.PROOF_HEADER, own.proofOf(body));
  }

  /** The id of the tracker that took the alias. */
  CompletionStage<String> register(InetSocketAddress tracker, AliasRequest alias, String proof) {
    HttpRequest request =
        HttpRequest.POST(url(tracker, "alias"))
            .addHeader(RawHeader.create(AliasRequest.PROOF_HEADER, proof))
            .withEntity(ContentTypes.APPLICATION_OCTET_STREAM, alias.encode());
    return send(request)
        .thenApply(answer -> {
          try {
            return Bencode.decodeDict(answer.okBody(tracker)).text("tracker id").orElse("");
          } catch (BencodeException e) {
            throw failed(tracker, "with something else than an alias's answer", e);
          }
        });
  }

  CompletionStage<Optional<SwarmId>> resolve(InetSocketAddress tracker, SwarmId alias) {
    String hex = HexFormat.of().formatHex(alias.toBytes());
    return send(HttpRequest.GET(url(tracker, "alias/" + hex)))
        .thenApply(answer -> {
          if (answer.status() == StatusCodes.NOT_FOUND.intValue()) {
            return Optional.empty();
          }
          String body = new String(answer.okBody(tracker), StandardCharsets.US_ASCII);
          try {
            return Optional.of(SwarmId.of(HexFormat.of().parseHex(body)));
          } catch (IllegalArgumentException e) {
            throw failed(tracker, "with something else than a swarm's id", e);
          }
        });
  }

  /** The tracker understood and does not want to. Asking it again, or another, helps little. */
  static final class Refusal extends IOException {
    Refusal(String message) {
      super(message);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // not compared
  private record Answer(int status, byte[] body) {
    byte[] okBody(InetSocketAddress tracker) {
      if (status >= 400 && status < 500) {
        throw new CompletionException(new Refusal(message(tracker, status + ", " + reason())));
      }
      if (status != StatusCodes.OK.intValue()) {
        throw failed(tracker, status + ", " + reason(), null);
      }
      return body;
    }

    private String reason() {
      try {
        return Bencode.decodeDict(body).text("failure reason").orElse("no reason given");
      } catch (BencodeException _) {
        return "no reason given";
      }
    }
  }

  private CompletionStage<Answer> send(HttpRequest request) {
    CompletableFuture<Answer> answer =
        http.singleRequest(request, https, pool, NoLogging.getInstance())
            .thenCompose(this::read)
            .toCompletableFuture();
    // A copy times out; the original reads on and so frees its connection.
    return answer.copy().orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private CompletionStage<Answer> read(HttpResponse response) {
    return response
        .entity()
        .withSizeLimit(maxResponseBytes)
        .toStrict(timeout.toMillis(), system)
        .thenApply(
            strict -> new Answer(response.status().intValue(), strict.getData().toArrayUnsafe()));
  }

  private static CompletionException failed(
      InetSocketAddress tracker, String answered, @Nullable Throwable e) {
    return new CompletionException(new IOException(message(tracker, answered), e));
  }

  private static String message(InetSocketAddress tracker, String answered) {
    return "tried to ask the tracker at %s, but failed because it answered %s"
        .formatted(tracker, answered);
  }

  private static String url(InetSocketAddress tracker, String path) {
    InetAddress address = tracker.getAddress();
    String host =
        address instanceof Inet6Address
            ? "[" + address.getHostAddress() + "]"
            : address.getHostAddress();
    return "http://" + host + ":" + tracker.getPort() + "/layercast/v1/" + path;
  }

  private static ConnectionPoolSettings pool(
      ActorSystem<?> system, TrackerClientSettings settings) {
    TrackerClientSettings.Connection bounds = settings.connection();
    ClientConnectionSettings connection =
        ClientConnectionSettings.create(Adapter.toClassic(system))
            .withConnectingTimeout(finite(bounds.connectTimeout()))
            .withIdleTimeout(finite(bounds.idleTimeout()));
    if (!settings.bindAddress().isEmpty()) {
      InetAddress local = InetAddress.ofLiteral(settings.bindAddress());
      connection = connection.withLocalAddress(Optional.of(new InetSocketAddress(local, 0)));
    }
    return ConnectionPoolSettings.create(Adapter.toClassic(system))
        .withConnectionSettings(connection)
        .withMaxConnections(bounds.maxConnections())
        .withMinConnections(0)
        .withMaxOpenRequests(bounds.maxOpenRequests())
        .withMaxRetries(0)
        .withBaseConnectionBackoff(FiniteDuration.Zero())
        .withIdleTimeout(finite(bounds.idleTimeout()));
  }

  private static FiniteDuration finite(Duration duration) {
    return FiniteDuration.create(duration.toNanos(), TimeUnit.NANOSECONDS);
  }
}
