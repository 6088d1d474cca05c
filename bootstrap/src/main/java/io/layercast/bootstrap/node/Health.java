package io.layercast.bootstrap.node;

import akka.actor.ActorSystem;
import akka.actor.BootstrapSetup;
import akka.actor.setup.ActorSystemSetup;
import akka.http.javadsl.Http;
import akka.http.javadsl.HttpsConnectionContext;
import akka.http.javadsl.model.HttpRequest;
import akka.management.javadsl.LivenessCheckSetup;
import akka.management.javadsl.ReadinessCheckSetup;
import com.typesafe.config.Config;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What /ready and /alive say. Ready: it has started, is not being stopped, and each of its own HTTP
 * servers answers a request sent there now or within the last second. A lost tracker, an origin
 * that is down or a full disk is no reason: some pulls can be served. Alive: both pools of threads
 * that everything here runs on still take work; what another process would have to mend is no
 * reason to kill this one.
 */
final class Health {
  /** Not one of ours: that any answer comes is all that counts. */
  private static final String PROBE_PATH = "/layercast/probe";

  /** Where Akka's own actors run. */
  private static final String INTERNAL_DISPATCHER = "akka.actor.internal-dispatcher";

  /** Kubelet asks once in 5 s, so it hears of now. */
  private static final Duration KEEP = Duration.ofSeconds(1);

  private final List<Server> servers = new CopyOnWriteArrayList<>();
  private volatile boolean started;
  private volatile boolean stopping;

  private record Server(String address, Optional<HttpsConnectionContext> https) {}

  /** Adds a server of this node's by its base address, {@code http(s)://host:port}. */
  void serves(String address, Optional<HttpsConnectionContext> https) {
    servers.add(new Server(address, https));
  }

  void started() {
    started = true;
  }

  void stopping() {
    stopping = true;
  }

  /** How Akka is told of the checks, before its system begins. */
  ActorSystemSetup setup(Config config) {
    return ActorSystemSetup.create(
        BootstrapSetup.create(config),
        ReadinessCheckSetup.create(system -> {
          SharedCheck all = new SharedCheck(() -> allAnswer(system), KEEP, System::nanoTime);
          return List.of(() -> ready(all));
        }),
        LivenessCheckSetup.create(system ->
            List.of(
                () -> runs(system.dispatchers().defaultGlobalDispatcher()),
                () -> runs(system.dispatchers().lookup(INTERNAL_DISPATCHER)))));
  }

  private CompletionStage<Boolean> ready(SharedCheck allAnswer) {
    return !started || stopping ? CompletableFuture.completedStage(false) : allAnswer.result();
  }

  private CompletionStage<Boolean> allAnswer(ActorSystem system) {
    CompletionStage<Boolean> all = CompletableFuture.completedStage(true);
    for (Server server : servers) {
      all = all.thenCombine(answers(system, server), Boolean::logicalAnd);
    }
    return all;
  }

  private static CompletionStage<Boolean> answers(ActorSystem system, Server server) {
    Http http = Http.get(system);
    return http.singleRequest(
            HttpRequest.GET(server.address() + PROBE_PATH),
            server.https().orElseGet(http::defaultClientHttpsContext))
        .handle((response, failure) -> {
          if (failure == null) {
            response.discardEntityBytes(system);
          }
          return failure == null;
        });
  }

  private static CompletionStage<Boolean> runs(Executor executor) {
    Supplier<Boolean> anything = () -> true;
    return CompletableFuture.supplyAsync(anything, executor);
  }
}
