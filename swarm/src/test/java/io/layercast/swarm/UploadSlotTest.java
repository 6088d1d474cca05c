package io.layercast.swarm;

import static io.layercast.swarm.TestSwarm.ticket;
import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.SwarmId;
import io.layercast.engine.rate.RateLimiter;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Two leeches, written by hand, and one slot. */
class UploadSlotTest {
  private static final byte[] ALIAS = TestSwarm.filled(20, 3);
  private static final int BLOCK_BYTES = 16 * 1024;
  private static final int CHOKE = 0;
  private static final int UNCHOKE = 1;
  private static final int INTERESTED = 2;
  private static final int PIECE = 7;

  private final FakeSharedBlob blob =
      FakeSharedBlob.full(TestSwarm.randomBytes(1024 * 1024, 1), 1024 * 1024).seal();

  @Test
  void holder_keepsItsSlotWhileItsBlockWaitsForTheLimit_andLosesItWhenItAsksForNothing()
      throws Exception {
    FakePeerDirectory directory = new FakePeerDirectory();
    try (TestSwarm swarm =
        new TestSwarm(
            "layercast.swarm.upload-slots-min = 1",
            "layercast.swarm.upload-slots-max = 1",
            "layercast.swarm.upload-turn = 1h")) {
      RateLimiter upload = swarm.limiter(1_000_000); // a block of 128 KiB takes 131 ms
      SwarmNode seed = swarm.node(1, directory, swarm.limiter(0), upload);
      var _ = seed.join(blob, ticket(blob, seed));
      directory.alias(SwarmId.of(ALIAS), TestSwarm.ID, Instant.MAX);
      try (RawPeer holder = interested(seed, "-RW0001-abcdefghijkl")) {
        holder.readUntil(UNCHOKE);
        swarm.spend(upload, 2_000_000);
        holder.request(0, 0, BLOCK_BYTES);
        try (RawPeer next = interested(seed, "-RW0001-zyxwvutsrqpo")) {
          assertThat(holder.read().type()).as("after 2 s").isEqualTo(PIECE);
          assertThat(holder.read().type()).isEqualTo(CHOKE);
          next.readUntil(UNCHOKE);
        }
      }
    }
  }

  private static RawPeer interested(SwarmNode seed, String id) throws Exception {
    RawPeer peer = new RawPeer(seed.address()).handshake(ALIAS, new byte[8], id);
    peer.readHandshake();
    peer.readUntil(5);
    return peer.frame(INTERESTED);
  }
}
