package io.layercast.registry;

import akka.NotUsed;
import akka.actor.ActorSystem;
import akka.actor.ClassicActorSystemProvider;
import akka.http.javadsl.Http;
import akka.http.javadsl.HttpsConnectionContext;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.ProductVersion;
import akka.http.javadsl.model.headers.Server;
import akka.http.javadsl.server.Route;
import akka.http.javadsl.settings.ParserSettings;
import akka.http.javadsl.settings.ServerSettings;
import akka.stream.javadsl.Flow;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import scala.concurrent.duration.FiniteDuration;

/**
 * One route on one or more addresses, with what streaming servers need: no limit on how long an
 * answer takes, headers as they came, long headers allowed, errors as OCI JSON. A body that fails
 * resets its connection.
 */
public final class FrontServer {
  /**
   * Together 2 MiB, which anybody may make us hold for a connection. Registries' tokens have a few
   * KiB, with many groups in them up to 16; runtimes send ten headers.
   */
  static final int MAX_HEADERS = 64;

  static final int MAX_HEADER_BYTES = 32 * 1024;

  /** For the end of a body to get from our buffers to the client: Akka resets at the end. */
  private static final Duration FLUSH = Duration.ofMillis(250);

  /** For what has not ended in its grace to be told so. */
  private static final Duration FAREWELL = Duration.ofMillis(100);

  /** One address that it listens at. */
  interface Port {
    InetSocketAddress address();

    /** Takes no more connections. */
    CompletionStage<?> unbind();

    /** Closes those that are idle, and after {@code farewell} the others. */
    CompletionStage<?> terminate(Duration farewell);
  }

  private final List<Port> ports;
  private final RunningRequests requests;

  private FrontServer(List<Port> ports, RunningRequests requests) {
    this.ports = ports;
    this.requests = requests;
  }

  /**
   * Binds {@code route} to every address or to none; fails when one cannot be bound.
   *
   * @param addresses port 0 for any
   * @param https empty for plain http
   */
  public static CompletionStage<FrontServer> bind(
      ClassicActorSystemProvider system,
      RegistrySettings.Server settings,
      Route route,
      List<InetSocketAddress> addresses,
      Optional<HttpsConnectionContext> https) {
    ActorSystem classic = system.classicSystem();
    ServerSettings server = settings(classic, settings);
    RunningRequests requests = new RunningRequests();
    var handler = new Callers(settings).bounded(requests.counting(route.handler(system)));
    CompletionStage<List<Port>> all = CompletableFuture.completedFuture(new ArrayList<>());
    for (InetSocketAddress address : addresses) {
      all =
          all.thenCompose(bound ->
              bind(classic, server, handler, address, https)
                  .handle((port, failure) -> {
                    if (failure == null) {
                      bound.add(port);
                      return CompletableFuture.<List<Port>>completedFuture(bound);
                    }
                    return all(bound, Port::unbind)
                        .<List<Port>>thenCompose(_ -> CompletableFuture.failedFuture(failure));
                  })
                  .thenCompose(stage -> stage));
    }
    return all.thenApply(bound -> new FrontServer(bound, requests));
  }

  private static CompletionStage<Port> bind(
      ActorSystem system,
      ServerSettings settings,
      Flow<HttpRequest, HttpResponse, NotUsed> handler,
      InetSocketAddress address,
      Optional<HttpsConnectionContext> https) {
    if (https.isEmpty()) {
      try {
        return CompletableFuture.completedStage(FrontPort.bind(system, settings, handler, address));
      } catch (IOException e) {
        return CompletableFuture.failedStage(e);
      }
    }
    return Http.get(system)
        .newServerAt(address.getAddress().getHostAddress(), address.getPort())
        .enableHttps(https.get())
        .withSettings(settings)
        .bindFlow(handler)
        .thenApply(FrontServer::port);
  }

  private static Port port(ServerBinding binding) {
    return new Port() {
      @Override
      public InetSocketAddress address() {
        return binding.localAddress();
      }

      @Override
      public CompletionStage<?> unbind() {
        return binding.unbind();
      }

      @Override
      public CompletionStage<?> terminate(Duration farewell) {
        return binding.terminate(farewell);
      }
    };
  }

  /** Where it listens, in the order asked for. */
  public List<InetSocketAddress> addresses() {
    return ports.stream().map(Port::address).toList();
  }

  /**
   * Takes no more connections, nor requests on those that stand, and gives those that run {@code
   * grace} to end; then it breaks them off.
   */
  public CompletionStage<Void> terminate(Duration grace) {
    return all(ports, Port::unbind)
        .thenCombine(flushed(requests.end(), grace), (_, _) -> FAREWELL)
        .thenCompose(farewell -> all(ports, port -> port.terminate(farewell)));
  }

  /**
   * As {@link #terminate}, but answers who comes meanwhile: for a server that nobody else stands in
   * for, whose port is to be closed for as short as can be.
   */
  public CompletionStage<Void> serveOut(Duration grace) {
    return flushed(requests.idle(), grace).thenCompose(_ -> terminate(Duration.ZERO));
  }

  private CompletableFuture<Void> flushed(CompletableFuture<Void> idle, Duration grace) {
    return idle.isDone()
        ? idle
        : afterFlush(idle).completeOnTimeout(null, grace.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What runs by then, as the body of the head that was the last, is waited for too. */
  private CompletableFuture<Void> afterFlush(CompletableFuture<Void> idle) {
    return idle.thenRunAsync(() -> {}, after(FLUSH))
        .thenCompose(_ -> {
          CompletableFuture<Void> next = requests.idle();
          return next.isDone() ? next : afterFlush(next);
        });
  }

  private static Executor after(Duration pause) {
    return CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static CompletionStage<Void> all(
      List<Port> ports, Function<Port, CompletionStage<?>> deed) {
    return CompletableFuture.allOf(
        ports.stream()
            .map(port -> deed.apply(port).toCompletableFuture())
            .toArray(CompletableFuture[]::new));
  }

  private static ServerSettings settings(ActorSystem system, RegistrySettings.Server settings) {
    ServerSettings defaults = ServerSettings.create(system);
    ParserSettings parser =
        HttpCaller.rawHeaders(ParserSettings.forServer(system))
            .withMaxHeaderCount(MAX_HEADERS)
            .withMaxHeaderValueLength(MAX_HEADER_BYTES);
    return defaults
        .withTimeouts(
            defaults
                .getTimeouts()
                .withIdleTimeout(
                    FiniteDuration.create(settings.idleTimeout().toMillis(), TimeUnit.MILLISECONDS))
                .withRequestTimeout(scala.concurrent.duration.Duration.Inf()))
        .withMaxConnections(settings.maxConnections())
        .withParserSettings(parser)
        .withParsingErrorHandler(OciParsingErrors.class.getName())
        .withServerHeader(Optional.of(Server.create(ProductVersion.create("layercast", ""))))
        .withRemoteAddressAttribute(true)
        .withRawRequestUriHeader(false)
        .withTransparentHeadRequests(false);
  }
}
