package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.layercast.engine.LayerTicket;
import io.layercast.engine.SwarmId;
import io.layercast.engine.Swarms.Member;
import io.layercast.engine.rate.RateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Eight layers at once from twenty peers, by one download limit. */
class FairnessTest {
  private static final int PEERS = 20;
  private static final int LAYERS = 8;
  private static final int PIECE_BYTES = 128 * 1024;
  private static final int LAYER_BYTES = 32 * PIECE_BYTES;
  private static final long RATE = 12_000_000;
  private static final Duration LONG = Duration.ofSeconds(60);

  private final List<FakeSharedBlob> full =
      IntStream.range(0, LAYERS)
          .mapToObj(i -> FakeSharedBlob.full(TestSwarm.randomBytes(LAYER_BYTES, i), PIECE_BYTES))
          .map(FakeSharedBlob::seal)
          .toList();
  private final List<FakeSharedBlob> here =
      new ArrayList<>(full.stream().map(FakeSharedBlob::empty).toList());

  @Test
  void layers_haveTheirShareOfTheLimit() {
    try (TestSwarm swarm = new TestSwarm()) {
      RateLimiter limit = swarm.limiter(RATE);
      long begun = System.nanoTime();
      fetchAll(swarm, limit);

      await().atMost(LONG).pollInterval(Duration.ofMillis(5)).until(() -> pieces() >= LAYERS * 16);
      for (FakeSharedBlob layer : here) {
        assertThat(layer.have().count()).as("pieces of 32").isBetween(6, 26);
      }
      await().atMost(LONG).until(() -> pieces() == LAYERS * 32);

      double seconds = (System.nanoTime() - begun) / 1e9;
      double burst = RATE * 0.02 + PIECE_BYTES;
      assertThat((double) limit.passedBytes()).isLessThanOrEqualTo(RATE * seconds + burst);
    }
  }

  @Test
  void layerWithAReader_goesFirstAndTheOthersGoOn() {
    here.subList(1, LAYERS).forEach(FakeSharedBlob::unread);
    try (TestSwarm swarm = new TestSwarm()) {
      fetchAll(swarm, swarm.limiter(RATE));

      await()
          .atMost(LONG)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> here.getFirst().have().isFull());

      assertThat(pieces() - 32).as("pieces of seven layers nobody reads").isLessThan(32);
      await().atMost(LONG).until(() -> pieces() == LAYERS * 32);
    }
  }

  private int pieces() {
    return here.stream().mapToInt(layer -> layer.have().count()).sum();
  }

  private void fetchAll(TestSwarm swarm, RateLimiter limit) {
    SwarmNode leech = swarm.node(PEERS + 1, new FakePeerDirectory(), limit, swarm.limiter(0));
    List<SwarmNode> seeds =
        IntStream.rangeClosed(1, PEERS)
            .mapToObj(host -> swarm.node(host, new FakePeerDirectory()))
            .toList();
    for (int layer = LAYERS - 1; layer >= 0; layer--) {
      LayerTicket ticket = ticket(layer, seeds);
      for (SwarmNode seed : seeds) {
        Member _ = seed.join(full.get(layer), ticket);
      }
      Member _ = leech.join(here.get(layer), ticket);
    }
  }

  private LayerTicket ticket(int layer, List<SwarmNode> seeds) {
    FakeSharedBlob blob = full.get(layer);
    return new LayerTicket(
        blob.digest(),
        blob.layout(),
        0,
        SwarmId.of(TestSwarm.filled(20, 100 + layer)),
        TestSwarm.SECRET,
        seeds.stream().map(SwarmNode::address).toList());
  }
}
