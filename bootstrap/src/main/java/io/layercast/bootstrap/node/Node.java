package io.layercast.bootstrap.node;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import com.typesafe.config.Config;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One process's actor system and what has been started in it. */
final class Node implements RunningNode {
  /** Starts parts in a node's system. */
  interface Start {
    void in(Node node) throws IOException, InterruptedException;
  }

  private final ActorSystem<Void> system;
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

  /** Remembers where a part listens. */
  void listens(String part, String address) {
    addresses.put(part, address);
  }

  /** Calls {@code deed} when the system ends, in {@code phase} of Akka's coordinated shutdown. */
  void onStop(String phase, String name, Deed deed) {
    CoordinatedShutdown.get(system)
        .addTask(
            phase,
            name,
            () ->
                CompletableFuture.supplyAsync(() -> {
                  deed.run();
                  return akka.Done.getInstance();
                }));
  }

  /** Something to do that may fail. */
  interface Deed {
    void run();
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
