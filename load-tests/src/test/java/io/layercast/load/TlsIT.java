package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tracker, proxy and agent with what k8s/ mounts: TLS and the cluster's credential. */
@ExtendWith(OnFailureKeepLogs.class)
@TestMethodOrder(MethodOrderer.MethodName.class)
final class TlsIT {
  private static final String REPOSITORY = "library/behind-tls";
  private static final Duration FORMED = Duration.ofSeconds(60);
  private static final int MIB = 1024 * 1024;

  /** The third runs through a rotation, one of those after it is pulled at each step. */
  private static final List<Long> LAYERS =
      List.of(8L * MIB, 3_000L, 12L * MIB, 270_000L, 270_001L, 270_002L, 270_003L);

  private static TestImage image;
  private static DockerRegistry registry;
  private static CertificateAuthority authority;
  private static Path tls;
  private static String credential;
  private static Member tracker;
  private static Member proxy;
  private static Role agent;

  @BeforeAll
  static void start(Workplace workplace) throws Exception {
    image = ImageMaker.make(workplace.folder("image"), 23, LAYERS);
    registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    authority = CertificateAuthority.create(workplace, "authority");
    tls = workplace.folder("tls");
    Files.copy(authority.own().certificate(), tls.resolve("ca.crt"));
    CertificateAuthority.Pair own = authority.issueFor("p2p-proxy");
    show(own);
    // A line of its base64, from the midst.
    workplace.secrets().add("the proxies' private key", Files.readAllLines(own.key()).get(5));

    String trackerHost = workplace.address();
    String proxyHost = workplace.address();
    tracker = member(workplace, "tracker", trackerHost, proxyHost).tracker(trackerHost);
    proxy = member(workplace, "proxy", trackerHost, proxyHost).proxy(proxyHost);
    Path key = workplace.folder("cluster").resolve("cluster.key");
    credential = credentialOf(Files.readAllBytes(key));
    workplace.secrets().add("the cluster's key", Files.readAllBytes(key));
    workplace.secrets().add("the cluster's credential", credential);
    workplace.secrets().add("the same in bytes", HexFormat.of().parseHex(credential));
    for (Member one : List.of(tracker, proxy)) {
      workplace.secrets().watch(one.program().log(), workplace.folder("proxy-" + proxyHost));
    }
    agent = agent(workplace, trackerHost, proxyHost);
    agent.start();
    for (Member one : List.of(tracker, proxy)) {
      Wait.until(one.host() + " to be ready", FORMED, one::isReady);
    }
    agent.awaitReady();
  }

  /** As kubelet does, though one file after the other: the two do not fit for a moment. */
  private static void show(CertificateAuthority.Pair pair) throws IOException {
    for (var file : Map.of("tls.key", pair.key(), "tls.crt", pair.certificate()).entrySet()) {
      Path young = tls.resolve(file.getKey() + ".young");
      Files.copy(file.getValue(), young);
      Files.move(young, tls.resolve(file.getKey()), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static Member.Plan member(
      Workplace workplace, String role, String trackerHost, String proxyHost) throws IOException {
    Path config = MountedConfig.of(workplace, role, Map.of("/etc/layercast-tls", tls.toString()));
    Path here = workplace.folder("here").resolve("here.conf");
    Files.writeString(here, "layercast.bootstrap.cluster.discovery = config\n");
    List<String> options = new ArrayList<>();
    options.addAll(List.of("--config-folder", config.toString(), "--config", here.toString()));
    options.addAll(List.of("--log-level", "trace", "--contact-point", trackerHost + ":8558"));
    options.addAll(List.of("--contact-point", proxyHost + ":8558"));
    if (role.equals("proxy")) {
      options.addAll(List.of("--tracker", "http://" + trackerHost + ":6969"));
    }
    return Member.Plan.of(workplace, registry.url(), options, Map.of());
  }

  private static Role agent(Workplace workplace, String trackerHost, String proxyHost)
      throws IOException {
    Path mounted = workplace.folder("mounted");
    Files.copy(authority.own().certificate(), mounted.resolve("ca.crt"));
    Files.writeString(mounted.resolve("agent.token"), credential + "\n");
    Path config =
        MountedConfig.of(workplace, "agent", Map.of("/etc/layercast-agent", mounted.toString()));
    String host = workplace.address();
    Path data = workplace.folder("agent");
    List<String> command = Stack.Plan.java("agent");
    command.addAll(List.of("--listen", host + ":5004", "--peer-address", host + ":6881"));
    command.addAll(List.of("--data", data.toString(), "--config-folder", config.toString()));
    command.addAll(List.of("--log-level", "trace", "--proxy", proxyHost + ":5005"));
    command.addAll(List.of("--tracker", "http://" + trackerHost + ":6969"));
    return new Role(workplace, "agent", host + ":5004", host + ":6881", "/v2/", data, command);
  }

  /** As docs/adr/0023 has it. */
  private static String credentialOf(byte[] key) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return HexFormat.of()
        .formatHex(mac.doFinal("agent-credential\0".getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void agent_pullsForOneCopy() throws IOException {
    for (Blob layer : image.layers().subList(0, 2)) {
      Puller.create().mustPull(agent.url(), REPOSITORY, layer);
      assertThat(registry.sentBytes(layer)).isEqualTo(layer.sizeBytes());
    }
    assertThat(manifestStatus()).isEqualTo(200);
  }

  @Test
  void members_areOneClusterThatTakesNobodyWithoutACertificate() throws Exception {
    Wait.until("one cluster", FORMED, () -> Member.seeEachOther(List.of(tracker, proxy)));
    try (SSLSocket stranger = connect(2551)) {
      assertThatThrownBy(() -> handshake(stranger))
          .isInstanceOfAny(SSLException.class, SocketException.class);
    }
  }

  @Test
  void proxy_answersNobodyElse() throws Exception {
    try (SSLSocket stranger = connect(5005)) {
      assertThat(ask(stranger, "")).startsWith("HTTP/1.1 401 ");
      assertThat(ask(stranger, "Layercast-Credential: " + "0".repeat(64) + "\r\n"))
          .startsWith("HTTP/1.1 401 ");
      assertThat(ask(stranger, own())).startsWith("HTTP/1.1 200 ");
    }
    try (Socket plain = new Socket(proxy.host(), 5005)) {
      plain.setSoTimeout(5_000);
      plain.getOutputStream().write(request(own()));
      String answer = new String(plain.getInputStream().readNBytes(5), StandardCharsets.ISO_8859_1);
      assertThat(answer).as("to plain http").isNotEqualTo("HTTP/");
    }
  }

  /** As docs/kubernetes.md has it, while a pull runs that would take 25 seconds. */
  @Test
  void rotation_failsNoPullAndEndsTheOldCredential(Workplace workplace) throws Exception {
    Path key = workplace.folder("cluster").resolve("cluster.key");
    Path second = key.resolveSibling("cluster.key.second");
    byte[] old = Files.readAllBytes(key);
    byte[] young = "the key that comes after, 32 bytes".getBytes(StandardCharsets.US_ASCII);
    workplace.secrets().add("the young key", young);
    String oldCredential = credential;
    Path limits = workplace.folder("config-agent").resolve("layercast.conf");
    String usual = Files.readString(limits);
    String unhurried = usual.replaceAll("downloadRate = .*", "downloadRate = 500kB/s");
    replace(limits, unhurried.getBytes(StandardCharsets.UTF_8));
    Wait.until(
        "the agent to pull slowly",
        Duration.ofSeconds(10),
        () -> agent.program().output().contains("the limits of this {} are now"));
    RunningPull running = RunningPull.start(agent, REPOSITORY, image.layers().get(2));
    running.awaitBytes(1);

    replace(second, young);
    awaitAnswer("the young key to be accepted", credentialOf(young), "200");
    pulls(3);
    long changes = keyChanges();
    replace(key, young);
    replace(second, old);
    Wait.until(
        "all to make what they make with the young key",
        Duration.ofSeconds(10),
        () -> keyChanges() >= changes + 2);
    pulls(4);
    credential = credentialOf(young);
    workplace.secrets().add("the young credential", credential);
    replace(
        workplace.folder("mounted").resolve("agent.token"),
        credential.getBytes(StandardCharsets.US_ASCII));
    pulls(5);
    assertThat(status(oldCredential)).startsWith("HTTP/1.1 200");
    Files.delete(second);
    awaitAnswer("the old credential to be refused", oldCredential, "401");
    pulls(6);

    assertThat(running.bytes())
        .as("a pull that runs through it all")
        .isLessThan(image.layers().get(2).sizeBytes());
    replace(limits, usual.getBytes(StandardCharsets.UTF_8));
    running.mustBeRight(Duration.ofSeconds(60));
    assertThat(registry.sentBytes(image.layers().get(2)))
        .isEqualTo(image.layers().get(2).sizeBytes());
    assertThat(proxy.isReady()).isTrue();
  }

  /** How often tracker and proxy have taken in another key. */
  private static long keyChanges() {
    return List.of(tracker, proxy).stream()
        .flatMap(one -> one.program().output().lines())
        .filter(line -> line.contains("{} have changed") && line.contains("cluster.key.second"))
        .count();
  }

  private static void pulls(int layer) throws IOException {
    Blob blob = image.layers().get(layer);
    Puller.create().mustPull(agent.url(), REPOSITORY, blob);
    assertThat(registry.sentBytes(blob)).isEqualTo(blob.sizeBytes());
  }

  private static void awaitAnswer(String what, String shown, String status) {
    Wait.until(what, Duration.ofSeconds(10), () -> status(shown).startsWith("HTTP/1.1 " + status));
  }

  private static String status(String shown) throws Exception {
    try (SSLSocket node = connect(5005)) {
      return ask(node, "Layercast-Credential: " + shown + "\r\n");
    }
  }

  private static void replace(Path file, byte[] content) throws IOException {
    Path young = file.resolveSibling(file.getFileName() + ".young");
    Files.write(young, content);
    Files.move(young, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The last by name: the certificate is another one afterwards. */
  @Test
  void zRenewal_holdsForNewConnectionsAndCutsNone() throws Exception {
    try (SSLSocket before = connect(5005)) {
      assertThat(ask(before, own())).startsWith("HTTP/1.1 200 ");

      show(authority.issueFor("p2p-proxy"));

      Wait.until("the new certificate", Duration.ofSeconds(10), () -> !serial().equals(of(before)));
      assertThat(ask(before, own())).startsWith("HTTP/1.1 200 ");
    }
    String renewed = serial();
    Wait.until(
        "members to show it too",
        Duration.ofSeconds(10),
        () -> shownToMembers().equals(List.of(renewed)));
    assertThat(Member.seeEachOther(List.of(tracker, proxy))).isTrue();
    assertThat(proxy.isReady()).isTrue();
    assertThat(manifestStatus()).isEqualTo(200);
  }

  /** The serial number of what the proxy shows members; it refuses us after that. */
  private static List<String> shownToMembers() throws Exception {
    List<String> shown = new ArrayList<>();
    X509TrustManager reader =
        new X509TrustManager() {
          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {
            shown.add(chain[0].getSerialNumber().toString());
          }

          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new IllegalStateException("not a server");
          }

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {reader}, null);
    try (SSLSocket socket = connect(context, 2551)) {
      assertThatThrownBy(() -> handshake(socket)).isInstanceOf(IOException.class);
    }
    return shown;
  }

  private static void handshake(SSLSocket socket) throws IOException {
    socket.startHandshake();
    var _ = socket.getInputStream().read();
  }

  private static int manifestStatus() throws IOException {
    String url = agent.url() + "/v2/" + REPOSITORY + "/manifests/" + image.tag();
    return Http.get(url, "Accept", "application/vnd.oci.image.manifest.v1+json").status();
  }

  private static String own() {
    return "Layercast-Credential: " + credential + "\r\n";
  }

  private static String serial() throws Exception {
    try (SSLSocket socket = connect(5005)) {
      return of(socket);
    }
  }

  private static String of(SSLSocket socket) throws IOException {
    return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
        .getSerialNumber()
        .toString();
  }

  /** To the proxy, whose authority it trusts. */
  private static SSLSocket connect(int port) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    byte[] pem = Files.readAllBytes(authority.own().certificate());
    store.setCertificateEntry(
        "ca",
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem)));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return connect(context, port);
  }

  private static SSLSocket connect(SSLContext context, int port) throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket();
    socket.connect(new InetSocketAddress(proxy.host(), port), 5_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** The head of an answer; its body is read away. */
  private static String ask(Socket socket, String header) throws IOException {
    socket.getOutputStream().write(request(header));
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the proxy closed the connection after " + head);
      }
      head.append((char) next);
    }
    String length = head.toString().replaceAll("(?is).*content-length: (\\d+).*", "$1");
    in.skipNBytes(Integer.parseInt(length));
    return head.toString();
  }

  private static byte[] request(String header) {
    return "GET /v2/ HTTP/1.1\r\nHost: p2p-proxy\r\n%s\r\n"
        .formatted(header)
        .getBytes(StandardCharsets.US_ASCII);
  }
}
