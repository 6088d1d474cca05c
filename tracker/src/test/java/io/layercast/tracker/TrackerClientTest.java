package io.layercast.tracker;

import static io.layercast.tracker.TestCluster.KEYS;
import static io.layercast.tracker.TestCluster.random;
import static io.layercast.tracker.TestCluster.swarm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.layercast.engine.ClusterCredential;
import io.layercast.engine.NameLookup;
import io.layercast.engine.PeerDirectory.Holding;
import io.layercast.engine.PeerDirectory.Membership;
import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.SwarmId;
import io.layercast.engine.SwarmKeys;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrackerClientTest {
  private static final Holding SEED = new Holding(0, 0, 0);
  private static final Holding LEECHER = new Holding(10, 0, 0);

  private static TestCluster cluster;
  private static TrackerSettings settings;

  /** In the place of the singleton's proxy: what it leads to can be replaced. */
  private static volatile ActorRef<Tracker.Command> tracker;

  private static int port;

  @BeforeAll
  static void start() throws Exception {
    cluster = new TestCluster();
    settings = TestSettings.with("announce-interval = 1s");
    tracker = cluster.kit.spawn(Tracker.create(KEYS, settings));
    Behavior<Tracker.Command> way =
        Behaviors.receiveMessage(message -> {
          tracker.tell(message);
          return Behaviors.same();
        });
    port = cluster.serve(cluster.kit.spawn(way), settings);
  }

  private static void restartTracker() {
    ActorRef<Tracker.Command> before = tracker;
    tracker = cluster.kit.spawn(Tracker.create(KEYS, settings));
    cluster.kit.stop(before);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void join_findsTheOtherAtOnce_overADeadTracker() {
    SwarmId swarm = swarm("join");
    TrackerClient seed = client(11, Optional.empty());
    TrackerClient leecher = client(12, Optional.empty());
    seed.join(swarm, () -> SEED, _ -> {});
    List<Peer> found = new CopyOnWriteArrayList<>();
    Membership membership = leecher.join(swarm, () -> LEECHER, found::addAll);

    await()
        .untilAsserted(() -> {
          membership.wantPeers();
          assertThat(found)
              .contains(Peer.ours(new InetSocketAddress("127.0.0.11", 6881)))
              .doesNotContain(Peer.ours(new InetSocketAddress("127.0.0.12", 6881)));
        });
  }

  @Test
  void restartedTracker_isWholeAgainWithinAnInterval_completePeersIncluded() {
    SwarmId one = swarm("restart one");
    SwarmId two = swarm("restart two");
    SwarmId alias = random(70);
    TrackerClient proxy = client(21, Optional.of(KEYS));
    TrackerClient agent = client(22, Optional.empty());
    proxy.join(one, () -> SEED, _ -> {});
    proxy.join(two, () -> SEED, _ -> {});
    agent.join(one, () -> LEECHER, _ -> {});
    awaitCounts(one, 1, 1);
    awaitCounts(two, 1, 0);
    assertThat(proxy.alias(alias, one, Instant.now().plusSeconds(60)))
        .succeedsWithin(Duration.ofSeconds(10));
    assertThat(agent.resolve(alias))
        .succeedsWithin(Duration.ofSeconds(10))
        .isEqualTo(Optional.of(one));

    restartTracker();

    awaitCounts(one, 1, 1);
    awaitCounts(two, 1, 0);
    await()
        .untilAsserted(() ->
            assertThat(agent.resolve(alias))
                .succeedsWithin(Duration.ofSeconds(10))
                .isEqualTo(Optional.of(one)));
  }

  /** More than the pool takes at once. */
  @Test
  void restartedTracker_isToldOfManyAliases() {
    SwarmId swarm = swarm("many aliases");
    TrackerClient proxy = client(23, Optional.of(KEYS));
    proxy.join(swarm, () -> SEED, _ -> {});
    List<SwarmId> aliases = IntStream.range(0, 200).mapToObj(i -> random(10_000 + i)).toList();
    assertThat(
            CompletableFuture.allOf(
                aliases.stream()
                    .map(alias -> proxy.alias(alias, swarm, Instant.now().plusSeconds(600)))
                    .map(CompletionStage::toCompletableFuture)
                    .toArray(CompletableFuture[]::new)))
        .succeedsWithin(Duration.ofSeconds(10));

    restartTracker();

    TestProbe<Tracker.AliasResolved> probe = cluster.kit.createTestProbe();
    await()
        .untilAsserted(() ->
            assertThat(aliases)
                .allSatisfy(alias -> {
                  tracker.tell(new Tracker.ResolveAlias(alias.toBytes(), probe.ref()));
                  assertThat(probe.receiveMessage().swarm()).isEqualTo(swarm.toBytes());
                }));
  }

  @Test
  void changedAndLeave_areToldAtOnce() {
    SwarmId swarm = swarm("changes");
    AtomicReference<Holding> holding = new AtomicReference<>(LEECHER);
    Membership membership =
        client(31, Optional.empty())
            .join(swarm, () -> Optional.ofNullable(holding.get()).orElse(SEED), _ -> {});
    awaitCounts(swarm, 0, 1);
    holding.set(SEED);
    membership.changed();
    awaitCounts(swarm, 1, 0);
    membership.leave();
    membership.leave();
    awaitCounts(swarm, 0, 0);
  }

  /** Else all nodes that listen on all their addresses were one peer at one made-up address. */
  @Test
  void join_ofANodeThatListensOnAllAddresses_isListedByItsSource_thoughVouchedFor() {
    SwarmId swarm = swarm("wildcard client");
    client(51, new InetSocketAddress("0.0.0.0", 6881), Optional.of(KEYS))
        .join(swarm, () -> SEED, _ -> {});
    awaitCounts(swarm, 1, 0);
    List<Peer> found = new CopyOnWriteArrayList<>();
    Membership leecher = client(52, Optional.empty()).join(swarm, () -> LEECHER, found::addAll);

    await()
        .untilAsserted(() -> {
          leecher.wantPeers();
          assertThat(found).contains(Peer.ours(new InetSocketAddress("127.0.0.51", 6881)));
        });
  }

  @Test
  void alias_withoutTheKeys_fails() {
    assertThat(client(41, Optional.empty()).alias(random(1), swarm("x"), Instant.now()))
        .failsWithin(Duration.ofSeconds(1));
  }

  @Test
  void resolve_ofAnUnknownAlias_isEmpty() {
    assertThat(client(42, Optional.empty()).resolve(random(99)))
        .succeedsWithin(Duration.ofSeconds(10))
        .isEqualTo(Optional.empty());
  }

  private static void awaitCounts(SwarmId swarm, int complete, int incomplete) {
    TestProbe<Tracker.Scraped> probe = cluster.kit.createTestProbe();
    await()
        .untilAsserted(() -> {
          tracker.tell(new Tracker.Scrape(List.of(swarm.toBytes()), probe.ref()));
          SwarmTable.Counts counts = probe.receiveMessage().counts().getFirst();
          assertThat(counts.complete()).isEqualTo(complete);
          assertThat(counts.incomplete()).isEqualTo(incomplete);
        });
  }

  /** A node at 127.0.0.{@code host}; the first of its trackers does not exist. */
  private static TrackerClient client(int host, Optional<SwarmKeys> keys) {
    return client(host, new InetSocketAddress("127.0.0." + host, 6881), keys);
  }

  private static TrackerClient client(int host, InetSocketAddress peers, Optional<SwarmKeys> keys) {
    String address = "127.0.0." + host;
    TrackerSettings bound =
        TestSettings.with(
            "announce-interval = 1s",
            "client { addresses = [\"127.0.0.1:1\", \"127.0.0.1:%d\"], bind-address = \"%s\" }"
                .formatted(port, address));
    return TrackerClient.create(
        cluster.system(),
        bound.client(),
        PeerIdentity.create(peers, keys.isPresent()),
        keys,
        NameLookup.DNS,
        () -> keys.map(ClusterCredential::of));
  }
}
