package io.layercast.tracker;

import static io.layercast.tracker.TestCluster.KEYS;
import static io.layercast.tracker.TestCluster.random;
import static io.layercast.tracker.TestCluster.swarm;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.SerializationTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import io.layercast.engine.SwarmId;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrackerTest {
  private static final TrackerSettings SETTINGS = TestSettings.with();
  private static TestCluster cluster;
  private static ActorRef<Tracker.Command> tracker;

  @BeforeAll
  static void start() {
    cluster = new TestCluster();
    tracker = Tracker.init(cluster.system(), KEYS, SETTINGS, new TrackerCounts());
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void exchange_listsOnlyGenuineIdsAndLiveAliases() {
    SwarmId swarm = swarm("exchange");
    SwarmId alias = random(1);

    assertThat(exchange(1, swarm, 5, true).known()).isTrue();
    assertThat(exchange(2, random(2), 5, true).known()).isFalse();
    assertThat(exchange(2, alias, 5, false).known()).isFalse();

    assertThat(register(alias, swarm, Duration.ofMinutes(1))).isTrue();
    assertThat(register(random(3), random(4), Duration.ofMinutes(1))).as("not ours").isFalse();
    assertThat(register(random(3), swarm, Duration.ZERO)).as("expired").isFalse();
    Handout foreign = exchange(2, alias, 5, false);
    assertThat(foreign.peers()).containsExactly(127, 0, 0, 1, 26, 225);
    Handout ours = exchange(1, swarm, 5, true);
    assertThat(ours.peers()).isEmpty();
    assertThat(ours.foreign()).hasSize(1);
  }

  @Test
  void exchange_beyondABound_isCountedAndSaid() {
    TrackerCounts counts = new TrackerCounts();
    ActorRef<Tracker.Command> full =
        cluster.kit.spawn(
            Tracker.create(
                KEYS, TestSettings.with("limits.entries = 1"), System::nanoTime, counts));
    TestProbe<Tracker.Exchanged> probe = cluster.kit.createTestProbe();
    for (String name : List.of("first", "second", "third")) {
      full.tell(exchangeOf(1, swarm(name), 5, true, probe.ref()));
    }

    assertThat(probe.receiveMessage().unlisted()).isZero();
    assertThat(probe.receiveMessage().unlisted()).isOne();
    assertThat(probe.receiveMessage().unlisted()).isOne();
    assertThat(counts.refusals()).isEqualTo(2);
  }

  @Test
  void expire_dropsAliasesAtTheirTime() {
    SwarmId alias = random(5);
    register(alias, swarm("expiring"), Duration.ofMillis(1));
    TestProbe<Tracker.AliasResolved> probe = cluster.kit.createTestProbe();
    probe.awaitAssert(() -> {
      tracker.tell(new Tracker.ResolveAlias(alias.toBytes(), probe.ref()));
      assertThat(probe.receiveMessage().swarm()).isEmpty();
      return null;
    });
  }

  @Test
  void stop_endsIt() {
    ActorRef<Tracker.Command> other = cluster.kit.spawn(Tracker.create(KEYS, SETTINGS));
    other.tell(Tracker.Stop.INSTANCE);
    cluster.kit.createTestProbe().expectTerminated(other, Duration.ofSeconds(10));
  }

  /** An answer is at most one Artery frame; see {@link Slices}. */
  @Test
  void exchanged_ofAFullSlice_fitsOneFrame() {
    byte[] peers = new byte[Slices.MOST_PEERS / Slices.MOST_SWARMS * 18];
    byte[] ids = new byte[Slices.MOST_PEERS / Slices.MOST_SWARMS * 20];
    SwarmTable.Counts counts = new SwarmTable.Counts(10_000, 10_000, 10_000);
    List<Handout> handouts =
        IntStream.range(0, Slices.MOST_SWARMS)
            .mapToObj(_ -> new Handout(true, false, new byte[0], peers, ids, List.of(), counts))
            .toList();
    Serialization serialization = SerializationExtension.get(cluster.system());
    byte[] bytes =
        serialization.serialize(new Tracker.Exchanged("0123456789abcdef", 1, handouts, 1)).get();

    assertThat(bytes.length).isLessThan(256 * 1024);
  }

  @Test
  void messages_surviveTheWire() {
    SerializationTestKit wire = cluster.kit.serializationTestKit();
    TestProbe<Tracker.Exchanged> exchanged = cluster.kit.createTestProbe();
    TestProbe<Tracker.Scraped> scraped = cluster.kit.createTestProbe();
    TestProbe<Tracker.AliasRegistered> registered = cluster.kit.createTestProbe();
    TestProbe<Tracker.AliasResolved> resolved = cluster.kit.createTestProbe();
    byte[] id = swarm("wire").toBytes();
    PeerAddress address = new PeerAddress(new byte[] {1, 2, 3, 4}, 5);
    Handout handout =
        new Handout(
            true,
            true,
            new byte[6],
            new byte[18],
            new byte[40],
            List.of(new Handout.Foreign(address, id)),
            new SwarmTable.Counts(1, 2, 3));

    List.of(
            new Tracker.Exchange(
                address,
                new byte[20],
                true,
                true,
                true,
                List.of(new Tracker.Report(id, 7, Event.COMPLETED, 3)),
                -2,
                exchanged.ref()),
            new Tracker.Exchanged("t", 9, List.of(handout, Handout.UNKNOWN), 2),
            new Tracker.Scrape(List.of(id), scraped.ref()),
            new Tracker.Scraped("t", List.of(new SwarmTable.Counts(1, 2, 3))),
            new Tracker.RegisterAlias(id, id, Duration.ofSeconds(3), registered.ref()),
            new Tracker.AliasRegistered("t", true),
            new Tracker.ResolveAlias(id, resolved.ref()),
            new Tracker.AliasResolved(id))
        .forEach(message ->
            assertThat(wire.verifySerialization(message, false))
                .usingRecursiveComparison()
                .isEqualTo(message));
  }

  @Test
  void cut_keepsOrderAndBounds() {
    List<Tracker.Report> reports =
        IntStream.range(0, 1_200)
            .mapToObj(i -> new Tracker.Report(random(i).toBytes(), i, Event.NONE, i < 200 ? 50 : 0))
            .toList();
    List<List<Tracker.Report>> slices = Slices.cut(reports);

    assertThat(slices).hasSize(5);
    assertThat(slices.stream().flatMap(List::stream).toList()).isEqualTo(reports);
    assertThat(Slices.cut(List.of())).containsExactly(List.of());
  }

  private static Handout exchange(int host, SwarmId id, long left, boolean marksForeign) {
    TestProbe<Tracker.Exchanged> probe = cluster.kit.createTestProbe();
    tracker.tell(exchangeOf(host, id, left, marksForeign, probe.ref()));
    return probe.receiveMessage(Duration.ofSeconds(10)).handouts().getFirst();
  }

  private static Tracker.Exchange exchangeOf(
      int host, SwarmId id, long left, boolean marksForeign, ActorRef<Tracker.Exchanged> replyTo) {
    return new Tracker.Exchange(
        new PeerAddress(new byte[] {127, 0, 0, (byte) host}, 6881),
        new byte[20],
        false,
        marksForeign,
        false,
        List.of(new Tracker.Report(id.toBytes(), left, Event.NONE, 50)),
        Tracker.Exchange.NO_SWEEP,
        replyTo);
  }

  private static boolean register(SwarmId alias, SwarmId swarm, Duration lifetime) {
    TestProbe<Tracker.AliasRegistered> probe = cluster.kit.createTestProbe();
    tracker.tell(
        new Tracker.RegisterAlias(alias.toBytes(), swarm.toBytes(), lifetime, probe.ref()));
    return probe.receiveMessage(Duration.ofSeconds(10)).accepted();
  }
}
