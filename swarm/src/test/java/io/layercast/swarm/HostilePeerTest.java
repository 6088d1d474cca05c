package io.layercast.swarm;

import static io.layercast.swarm.TestSwarm.ticket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.SwarmId;
import io.layercast.engine.Swarms.Member;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Strangers, written by hand on raw sockets, against one seed. */
class HostilePeerTest {
  private static final int MIB = 1024 * 1024;
  private static final byte[] PLAIN = new byte[8];
  private static final byte[] EXTENDED = {0, 0, 0, 0, 0, 0x10, 0, 0x04};
  private static final byte[] ID = TestSwarm.ID.toBytes();
  private static final byte[] ALIAS = TestSwarm.filled(20, 3);

  private final FakeSharedBlob blob =
      FakeSharedBlob.full(TestSwarm.randomBytes(2 * MIB + 5, 1), MIB).seal();
  private final FakePeerDirectory directory = new FakePeerDirectory();
  private TestSwarm swarm;
  private SwarmNode seed;
  private Member seeding;

  @BeforeEach
  void start() {
    swarm =
        new TestSwarm(
            "layercast.swarm.handshake-timeout = 1s", "layercast.swarm.max-handshakes = 4");
    seed = swarm.node(1, directory);
    seeding = seed.join(blob, ticket(blob, seed));
    directory.alias(SwarmId.of(ALIAS), TestSwarm.ID, Instant.MAX);
  }

  @AfterEach
  void stop() {
    swarm.close();
  }

  /** {@code d2:lcd1:bi131072e1:n32:…1:vi1ee1:md8:lc_proofi1eee}, by hand. */
  private static byte[] extension(int nonce) {
    String head = "d2:lcd1:bi131072e1:n32:";
    String tail = "1:vi1ee1:md8:lc_proofi1eee";
    String text = head + String.valueOf((char) nonce).repeat(32) + tail;
    byte[] dict = text.getBytes(StandardCharsets.ISO_8859_1);
    byte[] payload = new byte[1 + dict.length];
    System.arraycopy(dict, 0, payload, 1, dict.length);
    return payload;
  }

  @Test
  void knowingTheIdOnly_getsNothingButTheHandshake() throws IOException {
    try (RawPeer peer = new RawPeer(seed.address()).handshake(ID, EXTENDED)) {
      peer.readHandshake();
      assertThat(peer.read().type()).isEqualTo(20);
      peer.frame(20, extension('n')).frame(2).request(0, 0, 16384);
      assertThat(peer.readToEnd()).isZero();
    }
    assertThat(seeding.traffic().uploaded()).isZero();
  }

  @Test
  void wrongProof_closes() throws IOException {
    try (RawPeer peer = new RawPeer(seed.address()).handshake(ID, EXTENDED)) {
      peer.readHandshake();
      peer.read();
      byte[] proof = new byte[33];
      proof[0] = 1;
      peer.frame(20, extension('n')).frame(20, proof);
      assertThat(peer.readToEnd()).isZero();
    }
  }

  @Test
  void withoutExtensions_noHandshakeComesBack() throws IOException {
    try (RawPeer peer = new RawPeer(seed.address()).handshake(ID, PLAIN)) {
      assertThat(peer.readToEnd()).isZero();
    }
  }

  @Test
  void unknownInfoHash_closesWithoutAWord() throws IOException {
    try (RawPeer peer = new RawPeer(seed.address()).handshake(TestSwarm.filled(20, 99), EXTENDED)) {
      assertThat(peer.readToEnd()).isZero();
    }
  }

  @Test
  void garbage_closesWithoutAWord() throws IOException {
    try (RawPeer peer = new RawPeer(seed.address())) {
      peer.out.write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(peer.readToEnd()).isZero();
    }
  }

  @Test
  void silence_isClosedAtTheDeadline_andLeavesRoomForOthers() throws IOException {
    try (RawPeer one = new RawPeer(seed.address());
        RawPeer two = new RawPeer(seed.address())) {
      assertThat(one.readToEnd()).isZero();
      assertThat(two.readToEnd()).isZero();
    }
    await().until(() -> seed.connections() == 0);
  }

  @Test
  void moreHandshakesThanAllowed_areClosedAtOnce() throws IOException {
    RawPeer[] peers = new RawPeer[4];
    for (int i = 0; i < peers.length; i++) {
      peers[i] = new RawPeer(seed.address());
    }
    await().until(() -> seed.connections() == 4);
    try (RawPeer fifth = new RawPeer(seed.address())) {
      assertThat(fifth.readToEnd()).isZero();
      assertThat(seed.connections()).isLessThanOrEqualTo(4);
    }
    for (RawPeer peer : peers) {
      peer.close();
    }
  }

  @Test
  void oversizedLength_closes() throws IOException {
    try (RawPeer peer = new RawPeer(seed.address()).handshake(ALIAS, PLAIN)) {
      peer.readHandshake();
      peer.out.writeInt(Integer.MAX_VALUE);
      peer.readToEnd();
    }
    await().until(() -> seeding.traffic().peers() == 0);
  }

  @Test
  void foreignClient_leechesBySixteenKibibytes() throws IOException {
    try (RawPeer peer = new RawPeer(seed.address()).handshake(ALIAS, PLAIN)) {
      byte[] hello = peer.readHandshake();
      assertThat(hello).startsWith(19);
      assertThat(java.util.Arrays.copyOfRange(hello, 28, 48)).isEqualTo(ALIAS);
      RawPeer.Frame bitfield = peer.read();
      assertThat(bitfield.type()).isEqualTo(5);
      assertThat(bitfield.payload().array()).containsExactly(0xe0);
      peer.frame(2);
      assertThat(peer.readUntil(1).payload().remaining()).isZero();

      byte[] got = new byte[2 * MIB + 5];
      for (int at = 0; at < got.length; at += 16384) {
        int length = Math.min(16384, got.length - at);
        peer.request(at / MIB, at % MIB, length);
        RawPeer.Frame block = peer.readUntil(7);
        assertThat(block.payload().getInt()).isEqualTo(at / MIB);
        assertThat(block.payload().getInt()).isEqualTo(at % MIB);
        assertThat(block.payload().remaining()).isEqualTo(length);
        block.payload().get(got, at, length);
      }

      assertThat(got).isEqualTo(blob.bytes());
    }
  }

  /** aria2 does so in mid-connection. */
  @Test
  void foreignClient_maySendItsBitfieldAgain() throws IOException {
    try (RawPeer peer = new RawPeer(seed.address()).handshake(ALIAS, PLAIN)) {
      peer.readHandshake();
      peer.frame(5, new byte[1]).frame(2).readUntil(1);
      peer.frame(5, new byte[] {(byte) 0x80});
      peer.request(1, 0, 16384);
      assertThat(peer.readUntil(7).payload().getInt()).isEqualTo(1);
    }
  }

  @Test
  void requestsOutsideTheBlob_close() throws IOException {
    int[][] bad = {
      {3, 0, 16384}, {0, MIB - 1, 2}, {2, 0, 16384}, {0, 0, 0}, {0, 0, 131073}, {-1, 0, 1}
    };
    for (int[] request : bad) {
      try (RawPeer peer = new RawPeer(seed.address()).handshake(ALIAS, PLAIN)) {
        peer.readHandshake();
        peer.frame(2);
        assertThat(peer.read().type()).as("nothing comes before the bitfield (BEP 3)").isEqualTo(5);
        peer.readUntil(1);
        peer.request(request[0], request[1], request[2]);
        assertThat(peer.readToEnd()).isZero();
      }
    }
  }

  @Test
  void requestWhileChoked_isRejected() throws IOException {
    byte[] fast = {0, 0, 0, 0, 0, 0, 0, 0x04};
    try (RawPeer peer = new RawPeer(seed.address()).handshake(ALIAS, fast)) {
      peer.readHandshake();
      assertThat(peer.read().type()).isEqualTo(14);
      peer.request(1, 0, 16384);
      RawPeer.Frame reject = peer.readUntil(16);
      assertThat(reject.payload().getInt()).isEqualTo(1);
    }
  }

  @Test
  void flood_isClosed_andItsAddressTurnedAwayAfterwards() throws IOException {
    byte[] fast = {0, 0, 0, 0, 0, 0, 0, 0x04};
    for (int times = 0; times < 3; times++) {
      try (RawPeer peer = new RawPeer(seed.address()).handshake(ALIAS, fast)) {
        peer.readHandshake();
        assertThat(peer.read().type()).isEqualTo(14);
        ByteBuffer words = ByteBuffer.allocate(12_000 * 5);
        while (words.hasRemaining()) {
          words.putInt(1).put((byte) 2);
        }
        peer.out.write(words.array());
        peer.readToEnd();
      }
      await().until(() -> seed.connections() == 0);
    }
    try (RawPeer again = new RawPeer(seed.address()).handshake(ALIAS, fast)) {
      again.readHandshake();
      assertThat(again.readToEnd()).as("not even what is here").isZero();
    }
  }

  @Test
  void foreignClientOfAGrowingBlob_isTurnedAway() throws IOException {
    FakeSharedBlob growing = blob.empty();
    FakePeerDirectory other = new FakePeerDirectory();
    other.alias(SwarmId.of(ALIAS), TestSwarm.ID, Instant.MAX);
    SwarmNode node = swarm.node(2, other);
    Member _ = node.join(growing, ticket(blob));
    try (RawPeer peer = new RawPeer(node.address()).handshake(ALIAS, PLAIN)) {
      assertThat(peer.readToEnd()).isZero();
    }
  }

  @Test
  void foreignSeed_isLeechedFrom() throws Exception {
    FakeSharedBlob empty = blob.empty();
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.9"))) {
      Peer foreign =
          new Peer(
              (InetSocketAddress) server.getLocalSocketAddress(),
              true,
              java.util.Optional.of(SwarmId.of(ALIAS)));
      CompletableFuture<Void> serving =
          CompletableFuture.runAsync(
              () -> ForeignSeed.serve(server, ALIAS, blob), Thread::startVirtualThread);
      SwarmNode leech = swarm.node(2, new FakePeerDirectory(foreign));
      Member leeching = leech.join(empty, ticket(blob));

      await().atMost(Duration.ofSeconds(20)).until(() -> empty.have().isFull());

      assertThat(empty.bytes()).isEqualTo(blob.bytes());
      await().until(() -> leeching.traffic().fromPeers() == blob.bytes().length);
      leeching.leave();
      serving.handle((_, _) -> null).join();
    }
  }

  @Test
  void peerThatNeverAnswers_losesItsPieces() throws Exception {
    FakeSharedBlob empty = blob.empty();
    try (TestSwarm impatient =
            new TestSwarm("layercast.swarm.stall-min = 1s", "layercast.swarm.stall-max = 1s");
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.9"))) {
      Peer mute =
          new Peer(
              (InetSocketAddress) server.getLocalSocketAddress(),
              true,
              java.util.Optional.of(SwarmId.of(ALIAS)));
      CompletableFuture<Socket> accepted =
          CompletableFuture.supplyAsync(
              () -> ForeignSeed.promiseOnly(server, ALIAS), Thread::startVirtualThread);
      SwarmNode leech = impatient.node(2, new FakePeerDirectory(mute));
      SwarmNode honest = impatient.node(3, new FakePeerDirectory(Peer.ours(leech.address())));
      Member leeching = leech.join(empty, ticket(blob));
      try (Socket socket = accepted.get()) {
        await().until(() -> leeching.traffic().peers() == 1);
        // Dials the leech, since it wants pieces itself until it is given them.
        FakeSharedBlob late = blob.empty();
        Member _ = honest.join(late, ticket(blob));
        await().until(() -> leeching.traffic().peers() == 2);
        for (int piece = 0; piece < 3; piece++) {
          late.learnFrom(blob, piece);
        }

        await().atMost(Duration.ofSeconds(20)).until(() -> empty.have().isFull());

        assertThat(empty.bytes()).isEqualTo(blob.bytes());
        assertThat(socket.isConnected()).isTrue();
      }
    }
  }
}
