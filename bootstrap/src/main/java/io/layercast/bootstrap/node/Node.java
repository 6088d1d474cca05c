package io.layercast.bootstrap.node;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import com.typesafe.config.Config;
import io.layercast.bootstrap.metrics.Metrics;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** One process's actor system and what has been started in it. */
final class Node implements RunningNode {
  /** Starts parts in a node's system. */
  interface Start {
    void in(Node node) throws IOException, InterruptedException;
  }

  private final ActorSystem<Void> system;
  private final Metrics metrics = new Metrics();
  private final Map<String, String> addresses = new LinkedHashMap<>();

  private Node(ActorSystem<Void> system) {
    this.system = system;
  }

  /** A node of which {@code parts} have started; when they fail, nothing is left running. */
  static Node start(ActorSystem<Void> system, Start parts)
      throws IOException, InterruptedException {
    Node node = new Node(system);
    try {
      parts.in(node);
      MetricsServer.start(node);
      return node;
    } catch (IOException | InterruptedException | RuntimeException e) {
      node.stop();
      node.whenEnded().toCompletableFuture().join();
      throw e;
    }
  }

  ActorSystem<Void> system() {
    return system;
  }

  Config config() {
    return system.settings().config();
  }

  /** What its parts count. */
  Metrics metrics() {
    return metrics;
  }

  /** Remembers where a part listens. */
  void listens(String part, String address) {
    addresses.put(part, address);
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
  public CompletionStage<Void> whenEnded() {
    return system.getWhenTerminated().thenApply(_ -> null);
  }
}
