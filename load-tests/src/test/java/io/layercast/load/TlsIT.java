package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
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
      List.of(
          8L * MIB, 3_000L, 12L * MIB, 270_000L, 270_001L, 270_002L, 270_003L, 270_004L, 270_005L,
          270_006L);

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
      assertThatThrownBy(() -> TlsCaller.handshake(stranger))
          .isInstanceOfAny(SSLException.class, SocketException.class);
    }
  }

  @Test
  void proxy_answersNobodyElse() throws Exception {
    try (SSLSocket stranger = connect(5005)) {
      assertThat(TlsCaller.ask(stranger, "")).startsWith("HTTP/1.1 401 ");
      assertThat(TlsCaller.ask(stranger, "Layercast-Credential: " + "0".repeat(64) + "\r\n"))
          .startsWith("HTTP/1.1 401 ");
      assertThat(TlsCaller.ask(stranger, own())).startsWith("HTTP/1.1 200 ");
    }
    try (Socket plain = new Socket(proxy.host(), 5005)) {
      plain.setSoTimeout(5_000);
      plain.getOutputStream().write(TlsCaller.request(own()));
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
        () -> agent.program().output().contains("the limits of this agent are now"));
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
        .filter(line -> line.contains(" have changed; ") && line.contains("cluster.key.second"))
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
      return TlsCaller.ask(node, "Layercast-Credential: " + shown + "\r\n");
    }
  }

  private static void replace(Path file, byte[] content) throws IOException {
    Path young = file.resolveSibling(file.getFileName() + ".young");
    Files.write(young, content);
    Files.move(young, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** By name after the others: the certificate is another one afterwards. */
  @Test
  void zRenewal_holdsForNewConnectionsAndCutsNone() throws Exception {
    try (SSLSocket before = connect(5005)) {
      assertThat(TlsCaller.ask(before, own())).startsWith("HTTP/1.1 200 ");

      show(authority.issueFor("p2p-proxy"));

      Wait.until(
          "the new certificate",
          Duration.ofSeconds(10),
          () -> !serial().equals(TlsCaller.serialOf(before)));
      assertThat(TlsCaller.ask(before, own())).startsWith("HTTP/1.1 200 ");
    }
    String renewed = serial();
    Wait.until(
        "members to show it too",
        Duration.ofSeconds(10),
        () -> TlsCaller.shownToMembers(proxy.host()).equals(List.of(renewed)));
    assertThat(Member.seeEachOther(List.of(tracker, proxy))).isTrue();
    assertThat(proxy.isReady()).isTrue();
    assertThat(manifestStatus()).isEqualTo(200);
  }

  /**
   * As docs/kubernetes.md has it, the last by name. Who shows the old authority's is a stranger.
   */
  @Test
  void zzOtherAuthority_isTakenByRunningMembersAndAgents(Workplace workplace) throws Exception {
    CertificateAuthority old = authority;
    CertificateAuthority young = CertificateAuthority.create(workplace, "young-authority");
    byte[] certificate = Files.readAllBytes(young.own().certificate());
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write(Files.readAllBytes(old.own().certificate()));
    both.write(certificate);

    trustEverywhere(workplace, both.toByteArray());
    Wait.until(
        "members to take who shows the young authority's",
        Duration.ofSeconds(10),
        () -> isTakenForAMember(young.issueFor("p2p-proxy")));
    pulls(7);
    show(young.issueFor("p2p-proxy"));
    authority = young;
    // Until then its handshake fails, as we trust the young one only.
    Wait.until("the young certificate", Duration.ofSeconds(10), () -> !serial().isEmpty());
    String shown = serial();
    Wait.until(
        "members to show it too",
        Duration.ofSeconds(10),
        () -> TlsCaller.shownToMembers(proxy.host()).equals(List.of(shown)));
    pulls(8);
    assertThat(isTakenForAMember(old.issueFor("p2p-proxy"))).isTrue();

    trustEverywhere(workplace, certificate);
    Wait.until(
        "members to turn away who shows the old authority's",
        Duration.ofSeconds(10),
        () -> !isTakenForAMember(old.issueFor("p2p-proxy")));
    assertThat(isTakenForAMember(young.issueFor("p2p-proxy"))).isTrue();
    pulls(9);
    assertThat(Member.seeEachOther(List.of(tracker, proxy))).isTrue();
    assertThat(proxy.isReady()).isTrue();
  }

  private static void trustEverywhere(Workplace workplace, byte[] certificates) throws IOException {
    replace(tls.resolve("ca.crt"), certificates);
    replace(workplace.folder("mounted").resolve("ca.crt"), certificates);
  }

  /** Whether the proxy's port for members lets somebody with this certificate in. */
  private static boolean isTakenForAMember(CertificateAuthority.Pair pair) throws Exception {
    try (SSLSocket socket =
        TlsCaller.connect(pair.context(new TlsCaller.AnyServer()), proxy.host(), 2551)) {
      socket.setSoTimeout(2_000);
      return TlsCaller.isLetIn(socket);
    }
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
      return TlsCaller.serialOf(socket);
    }
  }

  /** To the proxy, whose authority it trusts. */
  private static SSLSocket connect(int port) throws Exception {
    return TlsCaller.connect(TlsCaller.trusting(authority.own().certificate()), proxy.host(), port);
  }
}
