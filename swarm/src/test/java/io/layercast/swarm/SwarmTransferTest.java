package io.layercast.swarm;

import static io.layercast.swarm.TestSwarm.ticket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.Secret;
import io.layercast.engine.Swarms.Member;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whole nodes over loopback. */
class SwarmTransferTest {
  private static final int MIB = 1024 * 1024;
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void transfer_givesTheSameBytes() {
    FakeSharedBlob full = FakeSharedBlob.full(TestSwarm.randomBytes(32 * MIB + 77, 1), MIB).seal();
    FakeSharedBlob empty = full.empty();
    try (TestSwarm swarm = new TestSwarm()) {
      SwarmNode seed = swarm.node(1, new FakePeerDirectory());
      SwarmNode leech = swarm.node(2, new FakePeerDirectory());
      Member seeding = seed.join(full, ticket(full, seed));
      Member leeching = leech.join(empty, ticket(full, seed));

      await().atMost(LONG).until(() -> empty.have().isFull());

      assertThat(empty.bytes()).isEqualTo(full.bytes());
      await().until(() -> leeching.traffic().fromSeeds() == full.layout().sizeBytes());
      assertThat(leeching.traffic().fromPeers()).isZero();
      assertThat(leeching.traffic().wasted()).isZero();
      await().until(() -> seeding.traffic().uploaded() == full.layout().sizeBytes());
    }
  }

  @Test
  void threeNodes_passPiecesOnBeforeTheyHaveAll() {
    FakeSharedBlob full = FakeSharedBlob.full(TestSwarm.randomBytes(16 * MIB, 2), MIB).seal();
    FakeSharedBlob growing = full.empty().onlySeeds();
    FakeSharedBlob empty = full.empty();
    try (TestSwarm swarm = new TestSwarm()) {
      SwarmNode ingesting = swarm.node(1, new FakePeerDirectory());
      SwarmNode leech = swarm.node(2, new FakePeerDirectory());
      Member _ = ingesting.join(growing, ticket(full, ingesting));
      Member _ = leech.join(empty, ticket(full, ingesting));

      for (int piece = 0; piece < 16; piece++) {
        growing.learnFrom(full, piece);
        int stored = piece;
        await().atMost(LONG).pollInterval(Duration.ofMillis(2)).until(() -> empty.has(stored));
      }

      assertThat(empty.bytes()).isEqualTo(full.bytes());
    }
  }

  @Test
  void leeches_feedEachOther() {
    FakeSharedBlob full = FakeSharedBlob.full(TestSwarm.randomBytes(16 * MIB, 3), MIB).seal();
    FakeSharedBlob one = full.empty();
    FakeSharedBlob other = full.empty();
    try (TestSwarm swarm = new TestSwarm()) {
      SwarmNode seed =
          swarm.node(1, new FakePeerDirectory(), swarm.limiter(0), swarm.limiter(20 * MIB));
      SwarmNode first = swarm.node(2, new FakePeerDirectory());
      SwarmNode second = swarm.node(3, new FakePeerDirectory(Peer.ours(first.address())));
      Member _ = seed.join(full, ticket(full, seed));
      Member a = first.join(one, ticket(full, seed));
      Member b = second.join(other, ticket(full, seed));

      await().atMost(LONG).until(() -> one.have().isFull() && other.have().isFull());

      assertThat(one.bytes()).isEqualTo(full.bytes());
      assertThat(other.bytes()).isEqualTo(full.bytes());
      assertThat(a.traffic().fromPeers() + b.traffic().fromPeers()).isPositive();
    }
  }

  @Test
  void wrongSecret_getsNothing() {
    FakeSharedBlob full = FakeSharedBlob.full(TestSwarm.randomBytes(MIB, 4), MIB / 4).seal();
    FakeSharedBlob empty = full.empty();
    try (TestSwarm swarm = new TestSwarm()) {
      SwarmNode seed = swarm.node(1, new FakePeerDirectory());
      SwarmNode thief = swarm.node(2, new FakePeerDirectory());
      Member seeding = seed.join(full, ticket(full, seed));
      Secret wrong = Secret.of(TestSwarm.filled(32, 1));
      Member thieving = thief.join(empty, ticket(full, wrong, List.of(seed.address())));

      await()
          .during(Duration.ofMillis(700))
          .atMost(LONG)
          .until(() -> seeding.traffic().peers() == 0 && thieving.traffic().peers() == 0);

      assertThat(empty.have().isEmpty()).isTrue();
      assertThat(seeding.traffic().uploaded()).isZero();
    }
  }

  @Test
  void lyingPeer_isDroppedAndAnotherServes() {
    FakeSharedBlob full = FakeSharedBlob.full(TestSwarm.randomBytes(8 * MIB, 5), MIB).seal();
    FakeSharedBlob empty = full.empty();
    FakeSharedBlob wrong = full.lying().seal();
    try (TestSwarm swarm = new TestSwarm()) {
      SwarmNode liar = swarm.node(1, new FakePeerDirectory());
      Member _ = liar.join(wrong, ticket(full, liar));
      SwarmNode honest = swarm.node(2, new FakePeerDirectory());
      SwarmNode leech = swarm.node(3, new FakePeerDirectory(Peer.ours(honest.address())));
      Member leeching = leech.join(empty, ticket(full, liar));
      await().atMost(LONG).until(() -> empty.wrongPieces() > 0);
      Member _ = honest.join(full, ticket(full, liar));

      await().atMost(LONG).until(() -> empty.have().isFull());

      assertThat(empty.bytes()).isEqualTo(full.bytes());
      assertThat(leeching.traffic().wasted()).isBetween((long) MIB, 5L * MIB);
      assertThat(leeching.traffic().fromSeeds()).isZero();
    }
  }

  @Test
  void rejectedBlob_isNotServedAnyMore() {
    FakeSharedBlob full = FakeSharedBlob.full(TestSwarm.randomBytes(4 * MIB, 6), MIB);
    FakeSharedBlob empty = full.empty();
    full.reject();
    try (TestSwarm swarm = new TestSwarm()) {
      SwarmNode seed = swarm.node(1, new FakePeerDirectory());
      SwarmNode leech = swarm.node(2, new FakePeerDirectory());
      Member seeding = seed.join(full, ticket(full, seed));
      Member _ = leech.join(empty, ticket(full, seed));

      await()
          .during(Duration.ofMillis(500))
          .atMost(LONG)
          .until(() -> seeding.traffic().uploaded() == 0 && empty.have().isEmpty());
    }
  }

  @Test
  void uploadLimit_holds() {
    FakeSharedBlob full = FakeSharedBlob.full(TestSwarm.randomBytes(4 * MIB, 7), MIB).seal();
    FakeSharedBlob empty = full.empty();
    try (TestSwarm swarm = new TestSwarm()) {
      SwarmNode seed =
          swarm.node(1, new FakePeerDirectory(), swarm.limiter(0), swarm.limiter(4 * MIB));
      SwarmNode leech = swarm.node(2, new FakePeerDirectory());
      Member _ = seed.join(full, ticket(full, seed));
      long start = System.nanoTime();
      Member _ = leech.join(empty, ticket(full, seed));

      await().atMost(LONG).pollInterval(Duration.ofMillis(5)).until(() -> empty.have().isFull());

      // 4 MiB at 4 MiB/s, less one burst (20 ms) and one block of debt (31 ms).
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertThat(took).isBetween(Duration.ofMillis(900), Duration.ofMillis(2500));
    }
  }

  @Test
  void downloadLimit_holdsWithoutLosingThePeer() {
    FakeSharedBlob full = FakeSharedBlob.full(TestSwarm.randomBytes(4 * MIB, 8), MIB).seal();
    FakeSharedBlob empty = full.empty();
    try (TestSwarm swarm = new TestSwarm()) {
      SwarmNode seed = swarm.node(1, new FakePeerDirectory());
      SwarmNode leech =
          swarm.node(2, new FakePeerDirectory(), swarm.limiter(4 * MIB), swarm.limiter(0));
      Member _ = seed.join(full, ticket(full, seed));
      long start = System.nanoTime();
      Member leeching = leech.join(empty, ticket(full, seed));

      await().atMost(LONG).pollInterval(Duration.ofMillis(5)).until(() -> empty.have().isFull());

      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertThat(took).isBetween(Duration.ofMillis(850), Duration.ofMillis(2500));
      assertThat(leeching.traffic().wasted()).isZero();
    }
  }
}
