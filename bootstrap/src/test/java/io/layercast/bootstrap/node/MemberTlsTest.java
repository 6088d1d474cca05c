package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.layercast.bootstrap.kube.ClusterSecrets;
import io.layercast.bootstrap.kube.KeptData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two members shake hands, engine to engine. */
class MemberTlsTest {
  private static final Map<String, byte[]> OLD = new HashMap<>();
  private static final Map<String, byte[]> YOUNG = new HashMap<>();

  @TempDir Path folder;

  @BeforeAll
  static void make() throws Exception {
    made(OLD, "p2p-proxy");
    made(YOUNG, "p2p-proxy");
  }

  private static void made(Map<String, byte[]> tls, String name) throws Exception {
    new ClusterSecrets(
            kept(new HashMap<>()), kept(new HashMap<>()), kept(tls), kept(new HashMap<>()))
        .fill(List.of(name));
  }

  private static KeptData kept(Map<String, byte[]> data) {
    return change -> {
      data.putAll(change.of(Map.copyOf(data)));
      return data;
    };
  }

  @Test
  void membersOfOneAuthority_takeEachOther() throws IOException {
    shakeHands(member("a", OLD, OLD), member("b", OLD, OLD));
  }

  @Test
  void memberOfAnotherAuthority_isRefused() throws IOException {
    MemberTls own = member("a", OLD, OLD);
    MemberTls stranger = member("b", YOUNG, YOUNG, OLD);

    assertThatThrownBy(() -> shakeHands(own, stranger)).isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> shakeHands(stranger, own)).isInstanceOf(SSLException.class);
  }

  /** Halfway through: one has the new certificate already, both have both authorities. */
  @Test
  void newAuthority_isTrustedWhereverItStandsInTheFile() throws IOException {
    MemberTls before = member("a", OLD, OLD, YOUNG);
    MemberTls after = member("b", YOUNG, OLD, YOUNG);
    MemberTls turned = member("c", YOUNG, YOUNG, OLD);

    shakeHands(before, after);
    shakeHands(after, before);
    shakeHands(before, turned);
    shakeHands(turned, before);
  }

  @Test
  void changedFiles_holdForTheNextConnection() throws IOException {
    MemberTls changing = member("a", OLD, OLD);
    MemberTls young = member("b", YOUNG, YOUNG);
    assertThatThrownBy(() -> shakeHands(changing, young)).isInstanceOf(SSLException.class);

    write("a", YOUNG, YOUNG);

    await()
        .ignoreExceptionsInstanceOf(SSLException.class)
        .untilAsserted(() -> shakeHands(changing, young));
  }

  @Test
  void unusableFiles_failTheStart() throws IOException {
    write("a", OLD, OLD);
    Files.write(folder.resolve("a").resolve("tls.key"), of(YOUNG, "tls.key"));

    assertThatThrownBy(() -> new MemberTls(folder.resolve("a")))
        .hasMessageContaining("the key is not that of the certificate");
  }

  @SafeVarargs
  private MemberTls member(String name, Map<String, byte[]> own, Map<String, byte[]>... trusted)
      throws IOException {
    write(name, own, trusted);
    return new MemberTls(folder.resolve(name));
  }

  @SafeVarargs
  private void write(String name, Map<String, byte[]> own, Map<String, byte[]>... trusted)
      throws IOException {
    Path place = Files.createDirectories(folder.resolve(name));
    Files.write(place.resolve("tls.crt"), of(own, "tls.crt"));
    Files.write(place.resolve("tls.key"), of(own, "tls.key"));
    Files.write(place.resolve("ca.crt"), new byte[0]);
    for (Map<String, byte[]> one : trusted) {
      Files.write(
          place.resolve("ca.crt"), of(one, "ca.crt"), java.nio.file.StandardOpenOption.APPEND);
    }
  }

  private static byte[] of(Map<String, byte[]> data, String key) {
    return Objects.requireNonNull(data.get(key));
  }

  /** Until both are done, and then each looks at the other's names. */
  private static void shakeHands(MemberTls client, MemberTls server) throws SSLException {
    SSLEngine ours = client.createClientSSLEngine("10.0.0.1", 2551);
    SSLEngine theirs = server.createServerSSLEngine("10.0.0.2", 2551);
    ByteBuffer toServer = ByteBuffer.allocate(64 * 1024);
    ByteBuffer toClient = ByteBuffer.allocate(64 * 1024);
    ours.beginHandshake();
    theirs.beginHandshake();
    for (int i = 0; i < 1_000 && !(isDone(ours) && isDone(theirs)); i++) {
      step(ours, toServer, toClient);
      step(theirs, toClient, toServer);
    }
    assertThat(isDone(ours) && isDone(theirs)).isTrue();
    assertThat(client.verifyClientSession("", ours.getSession()).isEmpty()).isTrue();
    assertThat(server.verifyServerSession("", theirs.getSession()).isEmpty()).isTrue();
  }

  private static boolean isDone(SSLEngine engine) {
    return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
  }

  private static void step(SSLEngine engine, ByteBuffer out, ByteBuffer in) throws SSLException {
    switch (engine.getHandshakeStatus()) {
      case NEED_TASK -> engine.getDelegatedTask().run();
      case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
      case NEED_UNWRAP, NEED_UNWRAP_AGAIN, NOT_HANDSHAKING, FINISHED -> {
        in.flip();
        engine.unwrap(in, ByteBuffer.allocate(64 * 1024));
        in.compact();
      }
    }
  }
}
