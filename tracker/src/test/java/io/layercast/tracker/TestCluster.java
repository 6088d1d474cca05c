package io.layercast.tracker;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import akka.http.javadsl.Http;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.Digest;
import io.layercast.engine.Secret;
import io.layercast.engine.SwarmId;
import io.layercast.engine.SwarmKeys;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A cluster of one on loopback, with role tracker, and the keys and ids of a test. */
final class TestCluster implements AutoCloseable {
  static final SwarmKeys KEYS = new SwarmKeys(Secret.of(new byte[32]));

  final ActorTestKit kit;

  TestCluster() {
    kit =
        ActorTestKit.create(
            ConfigFactory.parseString(
                    """
                    akka.actor.provider = cluster
                    akka.cluster.roles = [tracker]
                    akka.remote.artery.canonical { hostname = 127.0.0.1, port = 0 }
                    akka.cluster.jmx.multi-mbeans-in-same-jvm = on
                    akka.log-dead-letters = off
                    akka.coordinated-shutdown.run-by-actor-system-terminate = off
                    """)
                .withFallback(ConfigFactory.load()));
    Cluster cluster = Cluster.get(kit.system());
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
  }

  ActorSystem<?> system() {
    return kit.system();
  }

  /** The port on 127.0.0.1 at which {@code tracker} is asked over HTTP. */
  int serve(ActorRef<Tracker.Command> tracker, TrackerSettings settings) throws Exception {
    var handler =
        TrackerRoutes.create(system(), tracker, KEYS, settings, system().executionContext());
    return Http.get(system())
        .newServerAt("127.0.0.1", 0)
        .withSettings(TrackerRoutes.serverSettings(system()))
        .bind(handler)
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS)
        .localAddress()
        .getPort();
  }

  static SwarmId swarm(String name) {
    return KEYS.id(Digest.sha256Of(name.getBytes(StandardCharsets.UTF_8)), 0);
  }

  static SwarmId random(int seed) {
    byte[] id = new byte[SwarmId.BYTES];
    new Random(seed).nextBytes(id);
    return SwarmId.of(id);
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
  }
}
