package io.layercast.tracker;

import static akka.http.javadsl.server.Directives.completeWithFuture;
import static akka.http.javadsl.server.Directives.concat;
import static akka.http.javadsl.server.Directives.extractRequest;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.path;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.Directives.post;
import static akka.http.javadsl.server.PathMatchers.segment;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.Uri;
import akka.http.javadsl.server.Route;
import akka.http.javadsl.settings.ServerSettings;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.SwarmKeys;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

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

  private TrackerRoutes() {}

  /**
   * The routes. They need {@link #serverSettings}: a server without them does not tell where a
   * request came from, and every announce is then refused.
   *
   * @param tracker what {@link Tracker#init} returned
   */
  public static Route create(
      ActorSystem<?> system,
      ActorRef<Tracker.Command> tracker,
      SwarmKeys keys,
      TrackerSettings settings) {
    TrackerAsk ask = new TrackerAsk(system, tracker, settings.service().askTimeout());
    StandardAnnounces standard = new StandardAnnounces(ask, keys, settings);
    NodeAnnounces nodes = new NodeAnnounces(system, ask, keys, settings);
    Aliases aliases = new Aliases(system, ask, keys, settings.service());
    return concat(
        path("announce", () -> get(() -> answer(standard::announce))),
        path("scrape", () -> get(() -> answer(standard::scrape))),
        pathPrefix(
            segment("layercast").slash("v1"),
            () ->
                concat(
                    path("announce", () -> post(() -> answer(nodes::announce))),
                    path("alias", () -> post(() -> answer(aliases::register))),
                    path(
                        segment("alias").slash(segment()),
                        alias -> get(() -> completeWithFuture(aliases.resolve(alias)))))));
  }

  /** What the server must be bound with. */
  public static ServerSettings serverSettings(ActorSystem<?> system) {
    ServerSettings settings =
        ServerSettings.create(TERSE_LOG.withFallback(system.settings().config()));
    return settings
        .withRemoteAddressAttribute(true)
        .withParserSettings(
            settings
                .getParserSettings()
                .withMaxUriLength(MAX_URI_LENGTH)
                .withUriParsingMode(Uri.RELAXED));
  }

  /** Serves {@code route} with those settings; port 0 lets the system choose one. */
  public static CompletionStage<ServerBinding> bind(
      ActorSystem<?> system, String host, int port, Route route) {
    return Http.get(system)
        .newServerAt(host, port)
        .withSettings(serverSettings(system))
        .bind(route);
  }

  private static Route answer(Function<HttpRequest, CompletionStage<HttpResponse>> handler) {
    return extractRequest(request -> completeWithFuture(handler.apply(request)));
  }
}
