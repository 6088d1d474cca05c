package io.layercast.bootstrap.node;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.http.javadsl.HttpsConnectionContext;
import com.typesafe.config.Config;
import io.layercast.bootstrap.metrics.Metrics;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** One process's actor system and what has been started in it. */
final class Node implements RunningNode {
  /** Starts parts in a node's system. */
  interface Start {
    void in(Node node) throws IOException, InterruptedException;
  }

  private final BootstrapSettings settings;
  private final Health health;
  private final boolean member;
  private final ActorSystem<Void> system;
  private final Metrics metrics = new Metrics();
  private final Map<String, String> addresses = new LinkedHashMap<>();

  private Node(
      BootstrapSettings settings, Health health, boolean member, ActorSystem<Void> system) {
    this.settings = settings;
    this.health = health;
    this.member = member;
    this.system = system;
    onStop(CoordinatedShutdown.PhaseBeforeServiceUnbind(), "health", health::stopping);
  }

  /** A node outside the cluster, of which {@code parts} have started. */
  static Node alone(Config config, Start parts) throws IOException, InterruptedException {
    BootstrapSettings settings = BootstrapSettings.from(config);
    Health health = new Health();
    Node node = new Node(settings, health, false, NodeSystem.alone(settings, health, config));
    return node.started(() -> {
      Management.start(node);
      parts.in(node);
    });
  }

  /**
   * A node of which {@code parts} have started and which looks for its cluster.
   *
   * @param joined called last: waits for the cluster, as far as the role needs it
   */
  static Node member(Config config, List<String> roles, Start parts, Start joined)
      throws IOException, InterruptedException {
    BootstrapSettings settings = BootstrapSettings.from(config);
    Health health = new Health();
    Node node =
        new Node(settings, health, true, NodeSystem.member(settings, health, config, roles));
    return node.started(() -> {
      Management.start(node);
      NodeSystem.join(node);
      parts.in(node);
      joined.in(node);
      SplitCheck.start(node);
    });
  }

  /** Something that starts parts of this node. */
  private interface Steps {
    void take() throws IOException, InterruptedException;
  }

  /** When a step fails, nothing is left running. */
  private Node started(Steps steps) throws IOException, InterruptedException {
    try {
      MetricsServer.start(this);
      steps.take();
      health.started();
      return this;
    } catch (IOException | InterruptedException | RuntimeException e) {
      stop();
      whenEnded().toCompletableFuture().join();
      throw e;
    }
  }

  BootstrapSettings settings() {
    return settings;
  }

  ActorSystem<Void> system() {
    return system;
  }

  Config config() {
    return system.settings().config();
  }

  /** Whether it is, or will be, a member of the cluster. */
  boolean isMember() {
    return member;
  }

  /** What its parts count. */
  Metrics metrics() {
    return metrics;
  }

  /** Remembers where a part listens. */
  void listens(String part, String address) {
    addresses.put(part, address);
  }

  /**
   * Remembers the base address of an HTTP server without which the node is not ready.
   *
   * @param https as those have who ask it; empty for plain http
   */
  void serves(String address, Optional<HttpsConnectionContext> https) {
    health.serves(address, https);
  }

  /** Calls {@code deed} when the system ends, in {@code phase} of Akka's coordinated shutdown. */
  void onStop(String phase, String name, Runnable deed) {
    onStop(phase, name, () -> CompletableFuture.runAsync(deed));
  }

  /** As above, for a deed that takes its time; the phase waits for it within its own limit. */
  void onStop(String phase, String name, Supplier<? extends CompletionStage<?>> deed) {
    CoordinatedShutdown.get(system)
        .addTask(phase, name, () -> deed.get().thenApply(_ -> Done.getInstance()));
  }

  @Override
  public Map<String, String> addresses() {
    return Collections.unmodifiableMap(addresses);
  }

  @Override
  public void stop() {
    var _ = NodeSystem.stop(system);
  }

  @Override
  public CompletionStage<End> whenEnded() {
    return system
        .getWhenTerminated()
        .thenApply(_ -> Rejoin.asked(system) ? End.REJOIN : End.STOPPED);
  }
}
