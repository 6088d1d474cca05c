package io.layercast.bootstrap.node;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The actor system of a process: alone on agents, a member of the cluster elsewhere. */
final class NodeSystem {
  private static final String NAME = "layercast";
  private static final Duration POLL = Duration.ofMillis(20);

  private NodeSystem() {}

  /** A system by itself. */
  static ActorSystem<Void> alone(Config config) {
    return ActorSystem.create(Behaviors.empty(), NAME, config);
  }

  /** A system that is, or is about to become, a member with {@code roles}. See {@link #awaitUp}. */
  static ActorSystem<Void> member(Config config, List<String> roles) {
    Config cluster = config.getConfig("layercast.bootstrap.cluster");
    HostPort address = HostPort.parse(cluster.getString("address"));
    List<String> seeds =
        cluster.getStringList("seeds").stream()
            .map(seed -> "akka://" + NAME + "@" + HostPort.parse(seed))
            .toList();
    Config member =
        ConfigFactory.empty()
            .withValue("akka.actor.provider", ConfigValueFactory.fromAnyRef("cluster"))
            .withValue("akka.cluster.roles", ConfigValueFactory.fromIterable(roles))
            .withValue("akka.cluster.seed-nodes", ConfigValueFactory.fromIterable(seeds))
            .withValue(
                "akka.remote.artery.canonical.hostname",
                ConfigValueFactory.fromAnyRef(address.host()))
            .withValue(
                "akka.remote.artery.canonical.port", ConfigValueFactory.fromAnyRef(address.port()));
    ActorSystem<Void> system =
        ActorSystem.create(
            Behaviors.empty(),
            NAME,
            Management.settings(config).withFallback(member).withFallback(config));
    if (seeds.isEmpty()) {
      Cluster joining = Cluster.get(system);
      joining.manager().tell(Join.create(joining.selfMember().address()));
    }
    return system;
  }

  /**
   * Waits until this member is Up.
   *
   * @throws IOException when it is not within {@code layercast.bootstrap.cluster.join-timeout}
   */
  static void awaitUp(ActorSystem<?> system) throws IOException, InterruptedException {
    Config cluster = system.settings().config().getConfig("layercast.bootstrap.cluster");
    Duration limit = cluster.getDuration("join-timeout");
    long deadline = System.nanoTime() + limit.toNanos();
    while (!MemberStatus.up().equals(Cluster.get(system).selfMember().status())) {
      if (System.nanoTime() - deadline > 0 || system.whenTerminated().isCompleted()) {
        throw new IOException(
            "tried to join the cluster at %s, but failed because none of them answered within %d s"
                .formatted(cluster.getStringList("seeds"), limit.toSeconds()));
      }
      Thread.sleep(POLL);
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
