package io.layercast.swarm;

import static io.layercast.swarm.TestSwarm.ticket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.layercast.engine.Swarms.Member;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole nodes over loopback that speak TLS with each other. */
class PeerTlsTest {
  private static final int MIB = 1024 * 1024;
  private static final Duration LONG = Duration.ofSeconds(30);

  /** TLS's record of an alert or, from who does not know TLS, nothing. */
  private static final int ALERT = 21;

  private static TestTls ours;
  private static TestTls others;

  @BeforeAll
  static void make(@TempDir Path folder) throws Exception {
    ours = TestTls.make(Files.createDirectory(folder.resolve("ours")));
    others = TestTls.make(Files.createDirectory(folder.resolve("others")));
  }

  @Test
  void transfer_givesTheSameBytes() {
    FakeSharedBlob full = FakeSharedBlob.full(TestSwarm.randomBytes(32 * MIB + 77, 1), MIB).seal();
    FakeSharedBlob empty = full.empty();
    try (TestSwarm swarm = new TestSwarm().speaking(ours)) {
      SwarmNode seed = swarm.node(1, new FakePeerDirectory());
      Member seeding = seed.join(full, ticket(full, seed));
      Member leeching = swarm.node(2, new FakePeerDirectory()).join(empty, ticket(full, seed));

      await().atMost(LONG).until(() -> empty.have().isFull());

      assertThat(empty.bytes()).isEqualTo(full.bytes());
      assertThat(leeching.traffic().wasted()).isZero();
      await().until(() -> seeding.traffic().uploaded() == full.layout().sizeBytes());
    }
  }

  @Test
  void whoSpeaksPlain_getsNothing() throws IOException {
    try (TestSwarm swarm = new TestSwarm()) {
      SwarmNode plain = swarm.node(2, new FakePeerDirectory());
      SwarmNode seed = swarm.speaking(ours).node(1, new FakePeerDirectory());
      getsNothing(seed, plain);

      try (Socket stranger = new Socket(seed.address().getAddress(), seed.address().getPort())) {
        stranger.setSoTimeout(5_000);
        stranger
            .getOutputStream()
            .write("\23BitTorrent protocol".getBytes(StandardCharsets.US_ASCII));
        stranger.getOutputStream().write(new byte[48]);
        InputStream in = stranger.getInputStream();
        assertThat(in.read()).isIn(ALERT, -1);
      }
    }
  }

  @Test
  void whoShowsAnotherAuthoritysCertificate_getsNothing() {
    try (TestSwarm swarm = new TestSwarm().speaking(others)) {
      SwarmNode stranger = swarm.node(2, new FakePeerDirectory());
      getsNothing(swarm.speaking(ours).node(1, new FakePeerDirectory()), stranger);
    }
  }

  @Test
  void whoIsNobodyOfOurs_getsNothing() {
    try (TestSwarm swarm = new TestSwarm().speaking(ours)) {
      SwarmNode peer = swarm.node(2, new FakePeerDirectory());
      getsNothing(swarm.speaking(ours.refusing()).node(1, new FakePeerDirectory()), peer);
    }
  }

  @Test
  void whoShowsNoCertificate_isTurnedAway() throws Exception {
    try (TestSwarm swarm = new TestSwarm().speaking(ours)) {
      SwarmNode seed = swarm.node(1, new FakePeerDirectory());
      try (SSLSocket socket =
          (SSLSocket)
              ours.anonymous()
                  .getSocketFactory()
                  .createSocket(seed.address().getAddress(), seed.address().getPort())) {
        socket.setSoTimeout(5_000);
        assertThatThrownBy(
                () -> {
                  socket.startHandshake();
                  int end = socket.getInputStream().read();
                  throw new IOException("read " + end);
                })
            .isInstanceOf(IOException.class)
            .hasMessageNotContaining("read ");
      }
    }
  }

  private static void getsNothing(SwarmNode seed, SwarmNode other) {
    FakeSharedBlob full = FakeSharedBlob.full(TestSwarm.randomBytes(MIB, 4), MIB / 4).seal();
    FakeSharedBlob empty = full.empty();
    Member seeding = seed.join(full, ticket(full, seed));
    Member _ = other.join(empty, ticket(full, seed));

    await().during(Duration.ofSeconds(1)).until(() -> seeding.traffic().uploaded() == 0);
    assertThat(empty.have().count()).isZero();
  }
}
