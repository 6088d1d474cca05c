package io.layercast.bootstrap.node;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.Cluster;
import akka.management.cluster.bootstrap.ClusterBootstrap;
import com.typesafe.config.Config;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The actor system of a process: alone on agents, a member of the cluster elsewhere. */
final class NodeSystem {
  private static final String NAME = "layercast";

  private NodeSystem() {}

  /** A system by itself. */
  static ActorSystem<Void> alone(BootstrapSettings settings, Health health, Config config) {
    return create(health, AkkaMember.alone(settings).withFallback(config));
  }

  /** A system that will be a member with {@code roles} once it has joined. */
  static ActorSystem<Void> member(
      BootstrapSettings settings, Health health, Config config, List<String> roles) {
    return create(health, AkkaMember.member(settings, roles).withFallback(config));
  }

  private static ActorSystem<Void> create(Health health, Config config) {
    return ActorSystem.create(Behaviors.<Void>empty(), NAME, health.setup(config));
  }

  /** Begins to look for the cluster, or to be one. The node's management answers by now. */
  static void join(Node node) {
    BootstrapSettings.Cluster settings = node.settings().cluster();
    Cluster cluster = Cluster.get(node.system());
    if (settings.isAlone()) {
      cluster.join(cluster.selfAddress());
    } else {
      ClusterBootstrap.get(node.system()).start();
    }
  }

  /** Whether the node has become a member within {@code limit}; false too when it has ended. */
  static boolean isUpWithin(ActorSystem<?> system, Duration limit) throws InterruptedException {
    CompletableFuture<Boolean> up = new CompletableFuture<>();
    Cluster.get(system).registerOnMemberUp(() -> up.complete(true));
    system.getWhenTerminated().whenComplete((_, _) -> up.complete(false));
    try {
      return up.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("completes only with a value", e);
    }
  }

  /**
   * Waits until this member is Up.
   *
   * @throws IOException when it is not within {@code layercast.bootstrap.cluster.join-timeout}
   */
  static void awaitUp(Node node) throws IOException, InterruptedException {
    Duration limit = node.settings().cluster().joinTimeout();
    if (!isUpWithin(node.system(), limit)) {
      throw new IOException(
          "tried to join the cluster, but failed because no member of it was found by %s within %d s"
              .formatted(node.settings().cluster().discovery(), limit.toSeconds()));
    }
  }

  /** Waits for something at start and tells its failure as one of ours. */
  static <T> T await(String deed, CompletionStage<T> stage)
      throws IOException, InterruptedException {
    try {
      return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(
          "tried to %s, but failed because %s".formatted(deed, rootMessage(e)), e);
    } catch (TimeoutException e) {
      throw new IOException("tried to %s, but it took longer than 30 s".formatted(deed), e);
    }
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      root = cause;
    }
    return String.valueOf(root.getMessage());
  }

  /** Ends the system in order. */
  static CompletionStage<Done> stop(ActorSystem<?> system) {
    return CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.actorSystemTerminateReason());
  }
}
