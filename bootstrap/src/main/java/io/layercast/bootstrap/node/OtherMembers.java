package io.layercast.bootstrap.node;

import akka.actor.ActorSystem;
import akka.actor.ClassicActorSystemProvider;
import akka.discovery.Lookup;
import akka.discovery.ServiceDiscovery.ResolvedTarget;
import akka.http.javadsl.Http;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.management.cluster.bootstrap.ClusterBootstrap;
import akka.stream.SystemMaterializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Asks members that are not ours, over their management, which cluster they are in. */
final class OtherMembers {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final int MAX_BYTES = 1024 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Whom one look asks at most; another look follows. */
  private static final int MAX_ASKED = 16;

  private final ActorSystem system;

  OtherMembers(ClassicActorSystemProvider system) {
    this.system = system.classicSystem();
  }

  /** Whom discovery names. */
  CompletionStage<List<ResolvedTarget>> named() {
    return ClusterBootstrap.get(system)
        .discovery()
        .lookup(Lookup.create(AkkaMember.SERVICE), LIMIT)
        .thenApply(resolved -> List.copyOf(resolved.getAddresses()));
  }

  /**
   * What one host said.
   *
   * @param members that it sees; empty when it is in no cluster
   * @param answered whether it said anything
   */
  record Told(String host, Set<String> members, boolean answered) {}

  /** The members that each of {@code targets} sees. */
  CompletionStage<List<Told>> clustersOf(List<ResolvedTarget> targets, Set<String> ownHosts) {
    CompletionStage<List<Told>> all = CompletableFuture.completedStage(List.of());
    for (ResolvedTarget target :
        targets.stream().filter(t -> !ownHosts.contains(t.host())).limit(MAX_ASKED).toList()) {
      all =
          all.thenCombine(
              members(target),
              (before, told) -> {
                List<Told> with = new ArrayList<>(before);
                with.add(told);
                return with;
              });
    }
    return all;
  }

  private CompletionStage<Told> members(ResolvedTarget target) {
    int port = target.getPort().map(Integer.class::cast).orElseGet(this::fallbackPort);
    String uri = "http://" + new HostPort(target.host(), port) + "/cluster/members";
    return Http.get(system)
        .singleRequest(HttpRequest.GET(uri))
        .thenCompose(this::body)
        .thenApply(body -> new Told(target.host(), upMembers(body), true))
        .exceptionally(_ -> new Told(target.host(), Set.of(), false));
  }

  private int fallbackPort() {
    return ClusterBootstrap.get(system).settings().contactPoint().fallbackPort();
  }

  private CompletionStage<byte[]> body(HttpResponse response) {
    return response
        .entity()
        .toStrict(LIMIT.toMillis(), MAX_BYTES, SystemMaterializer.get(system).materializer())
        .thenApply(entity -> entity.getData().toArray());
  }

  private static Set<String> upMembers(byte[] json) {
    Set<String> members = new HashSet<>();
    try {
      for (JsonNode member : JSON.readTree(json).path("members")) {
        if (member.path("status").asText().equals("Up")) {
          members.add(member.path("node").asText());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("tried to read the members of another cluster", e);
    }
    return members;
  }
}
