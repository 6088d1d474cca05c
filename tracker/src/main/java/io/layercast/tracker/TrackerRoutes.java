package io.layercast.tracker;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.HttpMethod;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.Uri;
import akka.http.javadsl.settings.ServerSettings;
import akka.japi.function.Function;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.SwarmKeys;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import scala.concurrent.ExecutionContext;
import scala.concurrent.duration.Duration;

/**
 * The tracker's HTTP side, on every tracker node: {@code /announce} and {@code /scrape} for anyone
 * who knows an id, {@code /layercast/v1/…} for our own nodes.
 */
public final class TrackerRoutes {
  /** Room for a scrape of about 100 ids. */
  private static final int MAX_URI_LENGTH = 8 * 1024;

  /** The line of a broken request may hold a swarm's id, and no log shows those. */
  private static final Config TERSE_LOG =
      ConfigFactory.parseString("akka.http.server.parsing.error-logging-verbosity = simple");

  private static final akka.http.scaladsl.model.Uri.Path ANNOUNCE =
      Uri.create("/announce").asScala().path();
  private static final String OURS = "/layercast/v1/";
  private static final String ALIAS = OURS + "alias/";

  private TrackerRoutes() {}

  /**
   * What answers a request. It needs {@link #serverSettings}: a server without them does not tell
   * where a request came from, and every announce is then refused.
   *
   * @param tracker what {@link Tracker#init} returned
   * @param answers where its answers are written
   */
  public static Function<HttpRequest, CompletionStage<HttpResponse>> create(
      ActorSystem<?> system,
      ActorRef<Tracker.Command> tracker,
      SwarmKeys keys,
      TrackerSettings settings,
      ExecutionContext answers) {
    TrackerAsk ask = new TrackerAsk(system, tracker, settings.service().askTimeout(), answers);
    StandardAnnounces standard = new StandardAnnounces(ask, settings);
    Bodies bodies = new Bodies(system, settings.service());
    NodeAnnounces nodes = new NodeAnnounces(bodies, ask, keys, settings);
    Aliases aliases = new Aliases(bodies, ask, keys, settings.service());
    return request -> {
      if (isAnnounce(request)) {
        return standard.announce(request);
      }
      String path = request.getUri().path();
      return switch (path) {
        case "/announce" -> refuse(StatusCodes.METHOD_NOT_ALLOWED, "only GET is answered here");
        case "/scrape" -> only(HttpMethods.GET, request, standard::scrape);
        case OURS + "announce" -> only(HttpMethods.POST, request, nodes::announce);
        case OURS + "alias" -> only(HttpMethods.POST, request, aliases::register);
        default ->
            path.startsWith(ALIAS)
                ? only(
                    HttpMethods.GET, request, _ -> aliases.resolve(path.substring(ALIAS.length())))
                : refuse(StatusCodes.NOT_FOUND, "there is nothing here");
      };
    };
  }

  /** Nearly every request; its path is compared as it was parsed, which the others' are not. */
  private static boolean isAnnounce(HttpRequest request) {
    return request.method().equals(HttpMethods.GET)
        && request.getUri().asScala().path().equals(ANNOUNCE);
  }

  private static CompletionStage<HttpResponse> only(
      HttpMethod method,
      HttpRequest request,
      Function<HttpRequest, CompletionStage<HttpResponse>> handler)
      throws Exception {
    if (!request.method().equals(method)) {
      return refuse(StatusCodes.METHOD_NOT_ALLOWED, "only " + method.value() + " is answered here");
    }
    return handler.apply(request);
  }

  private static CompletionStage<HttpResponse> refuse(StatusCode status, String reason) {
    return CompletableFuture.completedStage(Replies.failure(status, reason));
  }

  /** What the server must be bound with. */
  public static ServerSettings serverSettings(ActorSystem<?> system) {
    ServerSettings settings =
        ServerSettings.create(TERSE_LOG.withFallback(system.settings().config()));
    return settings
        .withRemoteAddressAttribute(true)
        .withTimeouts(settings.getTimeouts().withRequestTimeout(Duration.Inf())) // an ask has one
        .withParserSettings(
            settings
                .getParserSettings()
                .withMaxUriLength(MAX_URI_LENGTH)
                .withUriParsingMode(Uri.RELAXED));
  }
}
