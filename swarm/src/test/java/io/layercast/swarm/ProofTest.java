package io.layercast.swarm;

import static io.layercast.swarm.TestSwarm.ticket;
import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.Swarms.Member;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The proof of docs/adr/0005-peer-wire.md from its text, as a dialler of our own kind. */
class ProofTest {
  private static final byte[] EXTENDED = {0, 0, 0, 0, 0, 0x10, 0, 0x04};
  private static final byte[] OUR_NONCE = TestSwarm.filled(32, 'n');
  private static final String EXTENSION =
      "\0d2:lcd1:bi131072e1:n32:" + "n".repeat(32) + "1:vi1ee1:md8:lc_proofi1eee";

  private final FakeSharedBlob blob =
      FakeSharedBlob.full(TestSwarm.randomBytes(1024 * 1024, 1), 256 * 1024);
  private TestSwarm swarm;
  private SwarmNode seed;
  private Member seeding;

  @BeforeEach
  void start() {
    swarm = new TestSwarm("layercast.swarm.handshake-timeout = 2s");
    seed = swarm.node(1, new FakePeerDirectory());
    seeding = seed.join(blob, ticket(blob, seed));
  }

  @AfterEach
  void stop() {
    swarm.close();
  }

  private static byte[] hmac(int role, byte[] diallerNonce, byte[] accepterNonce, byte[] address) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(TestSwarm.SECRET.toBytes(), "HmacSHA256"));
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      text.writeBytes("lc-proof".getBytes(StandardCharsets.US_ASCII));
      text.write(role);
      text.writeBytes(TestSwarm.ID.toBytes());
      text.writeBytes(diallerNonce);
      text.writeBytes(accepterNonce);
      text.writeBytes(address);
      return mac.doFinal(text.toByteArray());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] onWire(InetSocketAddress address) {
    return ByteBuffer.allocate(6)
        .put(address.getAddress().getAddress())
        .putShort((short) address.getPort())
        .array();
  }

  private RawPeer greeted() throws IOException {
    RawPeer peer = new RawPeer(seed.address()).handshake(TestSwarm.ID.toBytes(), EXTENDED);
    peer.readHandshake();
    return peer.frame(20, EXTENSION.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] nonceOf(RawPeer.Frame extension) {
    byte[] payload = extension.payload().array();
    String text = new String(payload, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("1:n32:") + "1:n32:".length();
    return Arrays.copyOfRange(payload, at, at + 32);
  }

  private static RawPeer prove(RawPeer peer, byte[] proof) throws IOException {
    return peer.frame(20, ByteBuffer.allocate(33).put((byte) 1).put(proof).array());
  }

  @Test
  void rightProof_isAnsweredByOne_andThenServed() throws IOException {
    try (RawPeer peer = greeted()) {
      byte[] theirs = nonceOf(peer.read());
      byte[] address = onWire(seed.address());
      prove(peer, hmac(0, OUR_NONCE, theirs, address));

      RawPeer.Frame answer = peer.read();
      assertThat(answer.type()).isEqualTo(20);
      byte[] payload = answer.payload().array();
      assertThat(Arrays.copyOfRange(payload, 1, 33)).isEqualTo(hmac(1, OUR_NONCE, theirs, address));
      assertThat(peer.read().type()).isEqualTo(14);
      peer.frame(2).readUntil(1);
      peer.request(1, 128 * 1024, 128 * 1024);
      byte[] block = peer.readUntil(7).payload().array();
      assertThat(Arrays.copyOfRange(block, 8, block.length))
          .isEqualTo(Arrays.copyOfRange(blob.bytes(), 384 * 1024, 512 * 1024));
    }
  }

  @Test
  void replayedProof_getsNothing() throws IOException {
    byte[] recorded;
    try (RawPeer peer = greeted()) {
      recorded = hmac(0, OUR_NONCE, nonceOf(peer.read()), onWire(seed.address()));
      prove(peer, recorded).readUntil(14);
    }
    try (RawPeer peer = greeted()) {
      peer.read();
      assertThat(prove(peer, recorded).readToEnd()).isZero();
    }
    assertThat(seeding.traffic().uploaded()).isZero();
  }

  @Test
  void proofMadeForAnotherAddress_getsNothing() throws IOException {
    try (RawPeer peer = greeted()) {
      byte[] theirs = nonceOf(peer.read());
      byte[] elsewhere = onWire(new InetSocketAddress("127.0.0.9", 6881));
      assertThat(prove(peer, hmac(0, OUR_NONCE, theirs, elsewhere)).readToEnd()).isZero();
    }
  }

  @Test
  void reflectedRole_getsNothing() throws IOException {
    try (RawPeer peer = greeted()) {
      byte[] theirs = nonceOf(peer.read());
      byte[] asAccepter = hmac(1, OUR_NONCE, theirs, onWire(seed.address()));
      assertThat(prove(peer, asAccepter).readToEnd()).isZero();
    }
  }

  /** A stranger has a former peer's address and passes all on to a real peer, and back. */
  @Test
  void recycledAddress_passesOnInVain() throws IOException {
    try (ServerSocket recycled = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.7"))) {
      CompletableFuture<Long> heard =
          CompletableFuture.supplyAsync(() -> passOn(recycled), Thread::startVirtualThread);
      FakeSharedBlob wanted = blob.empty();
      swarm
          .node(2, new FakePeerDirectory())
          .join(
              wanted,
              ticket(
                  wanted,
                  TestSwarm.SECRET,
                  List.of((InetSocketAddress) recycled.getLocalSocketAddress())));

      assertThat(heard.orTimeout(20, TimeUnit.SECONDS).join()).isPositive().isLessThan(1_000);
      assertThat(wanted.have().isEmpty()).isTrue();
      assertThat(seeding.traffic().uploaded()).isZero();
    }
  }

  /** What the real peer said before it closed, in bytes. */
  private long passOn(ServerSocket recycled) {
    try (Socket deceived = recycled.accept();
        Socket real = new Socket(seed.address().getAddress(), seed.address().getPort())) {
      Thread.startVirtualThread(() -> {
        try {
          deceived.getInputStream().transferTo(real.getOutputStream());
        } catch (IOException _) {
          return; // closed by either
        }
      });
      return real.getInputStream().transferTo(deceived.getOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
