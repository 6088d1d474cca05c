package io.layercast.tracker;

import static io.layercast.tracker.TestCluster.KEYS;
import static io.layercast.tracker.TestCluster.random;
import static io.layercast.tracker.TestCluster.swarm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.TestProbe;
import io.layercast.engine.ClusterCredential;
import io.layercast.engine.SwarmId;
import io.layercast.engine.bencode.Bencode;
import io.layercast.engine.bencode.Bencode.Dict;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrackerRoutesTest {
  private static final String PEER_ID = "-TR2940-abcdefghijkl";

  private static TestCluster cluster;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    cluster = new TestCluster();
    TrackerSettings settings = TestSettings.with("announce-jitter = 0", "ask-timeout = 10s");
    port =
        cluster.serve(
            Tracker.init(cluster.system(), KEYS, settings, new TrackerCounts()), settings);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void otherPathsAndMethods_areRefused() throws Exception {
    assertThat(get(1, "/").statusCode()).isEqualTo(404);
    assertThat(get(1, "/announce/more").statusCode()).isEqualTo(404);
    assertThat(get(1, "/layercast/v1/announce").statusCode()).isEqualTo(405);
    assertThat(get(1, "/layercast/v1/alias").statusCode()).isEqualTo(405);
    assertThat(get(1, "/layercast/v1/alias/ab").statusCode()).isEqualTo(404);
  }

  @Test
  void announce_asAStandardClientDoes() throws Exception {
    SwarmId swarm = swarm("standard");
    announce(2, swarm, 7001, "&left=0&event=started");
    Dict answer = announce(3, swarm, 7002, "&left=9&event=started&compact=1&ip=9.9.9.9");

    assertThat(answer.bytes("peers")).contains(new byte[] {127, 0, 0, 2, 27, 89});
    assertThat(answer.integer("interval")).contains(30L);
    assertThat(answer.integer("complete")).contains(1L);
    assertThat(answer.integer("incomplete")).contains(1L);
    assertThat(answer.text("tracker id")).hasValueSatisfying(id -> assertThat(id).hasSize(16));
    // The ip parameter was not believed.
    assertThat(announce(2, swarm, 7001, "&left=0").bytes("peers"))
        .contains(new byte[] {127, 0, 0, 3, 27, 90});
    assertThat(announce(2, swarm, 7001, "&left=0&numwant=0").bytes("peers")).contains(new byte[0]);
  }

  @Test
  void announce_notCompact_listsDictionaries() throws Exception {
    SwarmId swarm = swarm("dictionaries");
    announce(2, swarm, 7001, "&left=0");
    List<Bencode> peers = announce(3, swarm, 7002, "&left=9&compact=0").list("peers");

    assertThat(peers).hasSize(1);
    Dict peer = (Dict) peers.getFirst();
    assertThat(peer.text("ip")).contains("127.0.0.2");
    assertThat(peer.integer("port")).contains(7001L);
    assertThat(peer.text("peer id")).contains(PEER_ID);
    Dict bare =
        (Dict) announce(3, swarm, 7002, "&left=9&compact=0&no_peer_id=1").list("peers").getFirst();
    assertThat(bare.bytes("peer id")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/announce",
        "/announce?",
        "/announce?info_hash=%ff",
        "/announce?info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=aaaaaaaaaaaaaaaaaaaa&port=1&left=0",
        "/scrape",
        "/scrape?info_hash=%00",
      })
  void garbage_getsAFailureReasonThatClientsShow(String path) throws Exception {
    HttpResponse<byte[]> answer = get(1, path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Bencode.decodeDict(answer.body()).text("failure reason")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /announce?info_hash=%zz%%%&peer_id=\u00ff\u00fe|<>&port=x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /announce?\u0000 HTTP/1.1\r\nHost: a\r\n\r\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n",
        "POST /layercast/v1/announce HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nd1:x",
        "POST /layercast/v1/announce HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
      })
  void garbageOnTheSocket_isAnsweredAndHarmsNobody(String request) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      byte[] head = socket.getInputStream().readNBytes(8);
      assertThat(new String(head, StandardCharsets.ISO_8859_1)).isEqualTo("HTTP/1.1");
    }
    assertThat(announce(2, swarm("alive"), 7001, "&left=0").integer("interval")).isPresent();
  }

  @Test
  void scrape_countsEachIdAndLeavesOutOthers() throws Exception {
    SwarmId one = swarm("scraped");
    SwarmId two = swarm("scraped too");
    announce(2, one, 7001, "&left=0");
    announce(3, one, 7001, "&left=1");
    announce(3, one, 7001, "&left=0&event=completed");
    announce(4, one, 7001, "&left=1");
    Dict files =
        Bencode.decodeDict(
                get(
                        1,
                        "/scrape?info_hash=%s&info_hash=%s&info_hash=%s"
                            .formatted(escaped(one), escaped(two), escaped(random(1))))
                    .body())
            .dict("files")
            .orElseThrow();

    assertThat(files.entries()).hasSize(2);
    Dict counts = files.dict(latin1(one)).orElseThrow();
    assertThat(counts.integer("complete")).contains(2L);
    assertThat(counts.integer("incomplete")).contains(1L);
    assertThat(counts.integer("downloaded")).contains(1L);
  }

  @Test
  void alias_bringsStandardClientsAndOursTogether() throws Exception {
    SwarmId swarm = swarm("aliased");
    SwarmId alias = random(7);
    AliasRequest request = new AliasRequest(alias, swarm, Instant.now().plusSeconds(60));
    assertThat(registerAlias(request, "00").statusCode()).isEqualTo(403);
    assertThat(registerAlias(request, "not hex").statusCode()).isEqualTo(403);
    assertThat(get(1, "/layercast/v1/alias/" + hex(alias)).statusCode()).isEqualTo(404);
    assertThat(registerAlias(request, request.proof(KEYS)).statusCode()).isEqualTo(200);
    HttpResponse<byte[]> resolved = get(1, "/layercast/v1/alias/" + hex(alias));
    assertThat(new String(resolved.body(), StandardCharsets.US_ASCII)).isEqualTo(hex(swarm));

    NodeReply reply = post(5, node(swarm, 5), 200);
    assertThat(reply.peers()).isEmpty();
    Dict foreign = announce(6, alias, 7001, "&left=5");
    assertThat(foreign.integer("interval")).contains(300L);
    assertThat(foreign.bytes("peers")).contains(new byte[] {127, 0, 0, 5, 26, (byte) 225});
    assertThat(post(5, node(swarm, 5), 200).peers().get(swarm))
        .singleElement()
        .satisfies(peer -> {
          assertThat(peer.foreign()).isTrue();
          assertThat(peer.viaAlias()).contains(alias);
          assertThat(peer.address().getHostString()).isEqualTo("127.0.0.6");
        });
  }

  @Test
  void nodeAnnounce_thatAdvertisesAnotherAddress_isListedByItsSourceAndWarned() throws Exception {
    SwarmId swarm = swarm("advertised");

    assertThat(post(2, elsewhere(swarm), 200).warning()).contains("127.0.0.2");
    assertThat(announce(3, swarm, 7002, "&left=9").bytes("peers"))
        .contains(new byte[] {127, 0, 0, 2, 26, (byte) 225});
  }

  @Test
  void nodeAnnounce_full_dropsWhatIsNotNamed_overManySlices() throws Exception {
    List<Tracker.Report> reports =
        IntStream.range(0, 1_100)
            .mapToObj(i -> new Tracker.Report(swarm("slice" + i).toBytes(), 0, Event.STARTED, 0))
            .toList();
    SwarmId gone = swarm("gone");
    post(8, node(gone, 0), 200);
    post(8, new NodeAnnounce(new byte[20], new byte[0], 6881, false, true, reports), 200);

    assertThat(announce(9, gone, 7000, "&left=5").integer("complete")).contains(0L);
    assertThat(announce(9, swarm("slice0"), 7000, "&left=5").integer("complete")).contains(1L);
    assertThat(announce(9, swarm("slice1099"), 7000, "&left=5").integer("complete")).contains(1L);
  }

  @Test
  void nodeAnnounce_ofAStranger_bringsOnlyGenuineIdsToTheSingleton() throws Exception {
    TestProbe<Tracker.Command> singleton = cluster.kit.createTestProbe();
    int strangersPort = cluster.serve(singleton.ref(), TestSettings.with("ask-timeout = 50ms"));
    SwarmId swarm = swarm("genuine");
    NodeAnnounce announce =
        new NodeAnnounce(
            new byte[20],
            new byte[0],
            6881,
            false,
            false,
            Stream.of(random(31), swarm, random(32))
                .map(id -> new Tracker.Report(id.toBytes(), 0, Event.NONE, 0))
                .toList());
    URI uri = URI.create("http://127.0.0.1:" + strangersPort + "/layercast/v1/announce");
    send(
        2,
        HttpRequest.newBuilder(uri)
            .POST(HttpRequest.BodyPublishers.ofByteArray(announce.encode()))
            .build());

    assertThat(singleton.expectMessageClass(Tracker.Exchange.class).reports())
        .singleElement()
        .satisfies(report -> assertThat(report.id()).isEqualTo(swarm.toBytes()));
  }

  @Test
  void nodeAnnounce_thatFindsNoRoom_isWarned() throws Exception {
    TrackerSettings settings = TestSettings.with("limits.entries = 1");
    int fullPort = cluster.serve(cluster.kit.spawn(Tracker.create(KEYS, settings)), settings);
    URI uri = URI.create("http://127.0.0.1:" + fullPort + "/layercast/v1/announce");
    List<String> warnings = new ArrayList<>();
    for (String name : List.of("room", "no room")) {
      byte[] body = node(swarm(name), 0).encode();
      HttpRequest request =
          HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
      warnings.add(NodeReply.decode(send(2, request).body()).warning());
    }

    assertThat(warnings.getFirst()).isEmpty();
    assertThat(warnings.getLast()).contains("no room");
  }

  @Test
  void aSilentSingleton_isTryAgain() throws Exception {
    TestProbe<Tracker.Command> silent = cluster.kit.createTestProbe();
    TrackerSettings settings = TestSettings.with("ask-timeout = 50ms");
    int silentPort = cluster.serve(silent.ref(), settings);
    URI uri =
        URI.create(
            "http://127.0.0.1:%d/announce?info_hash=%s&peer_id=%s&port=1&left=0"
                .formatted(silentPort, escaped(swarm("silent")), PEER_ID));
    HttpResponse<byte[]> answer = send(1, HttpRequest.newBuilder(uri).build());
    Dict dict = Bencode.decodeDict(answer.body());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(dict.text("failure reason")).contains("tracker is moving, try again");
    assertThat(dict.integer("interval")).contains(5L);
    HttpRequest ours =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + silentPort + "/layercast/v1/announce"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(node(swarm("silent"), 0).encode()))
            .build();
    assertThat(send(1, ours).statusCode()).isEqualTo(503);
  }

  @Test
  void bodies_beyondWhatOneAddressMayHaveInMemory_areTurnedAwayUntilOthersAreDone()
      throws Exception {
    TrackerSettings settings =
        TestSettings.with("max-request-bytes = 1KiB", "body-timeout = 2s", "ask-timeout = 10s");
    TestProbe<Tracker.Command> silent = cluster.kit.createTestProbe();
    int boundedPort = cluster.serve(silent.ref(), settings);
    List<Socket> held = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        held.add(begun(boundedPort, "Content-Length: 1024"));
      }
      await().untilAsserted(() -> assertThat(status(boundedPort, 1)).isEqualTo(503));
      assertThat(status(boundedPort, 2)).as("another address").isEqualTo(400);
      await().untilAsserted(() -> assertThat(status(boundedPort, 1)).isEqualTo(400));

      held.add(begun(boundedPort, "Transfer-Encoding: chunked"));
      held.add(begun(boundedPort, "Transfer-Encoding: chunked"));
      held.add(begun(boundedPort, "Transfer-Encoding: chunked"));
      held.add(begun(boundedPort, "Transfer-Encoding: chunked"));
      await().untilAsserted(() -> assertThat(status(boundedPort, 1)).isEqualTo(503));
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
    }
  }

  /** A connection from 127.0.0.1 that has sent the head of an announce and nothing of its body. */
  private static Socket begun(int toPort, String length) throws Exception {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), toPort);
    String head = "POST /layercast/v1/announce HTTP/1.1\r\nHost: a\r\n" + length + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** Of a body of 100 bytes that is no announce: 400 when it is read. */
  private static int status(int toPort, int host) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + toPort + "/layercast/v1/announce"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[100]))
            .build();
    return send(host, request).statusCode();
  }

  @Test
  void alias_ofMoreThanAKibibyte_isTooLarge() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/layercast/v1/alias"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[1025]))
            .build();

    assertThat(send(1, request).statusCode()).isEqualTo(413);
  }

  private static NodeAnnounce node(SwarmId swarm, long left) {
    return new NodeAnnounce(
        new byte[20],
        new byte[0],
        6881,
        false,
        false,
        List.of(new Tracker.Report(swarm.toBytes(), left, Event.STARTED, 50)));
  }

  /** Of a seed that says it is at 9.9.9.9. */
  private static NodeAnnounce elsewhere(SwarmId swarm) {
    return new NodeAnnounce(
        new byte[20],
        new byte[] {9, 9, 9, 9},
        6881,
        false,
        true,
        List.of(new Tracker.Report(swarm.toBytes(), 0, Event.STARTED, 0)));
  }

  private static NodeReply post(int host, NodeAnnounce announce, int status) throws Exception {
    HttpResponse<byte[]> answer = send(host, announceRequest(announce).build());
    assertThat(answer.statusCode()).isEqualTo(status);
    return NodeReply.decode(answer.body());
  }

  private static HttpRequest.Builder announceRequest(NodeAnnounce announce) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/layercast/v1/announce"))
        .POST(HttpRequest.BodyPublishers.ofByteArray(announce.encode()));
  }

  @Test
  void nodeAnnounce_underTheClustersCredential_isListedAsItSays() throws Exception {
    SwarmId swarm = swarm("vouched for");
    NodeAnnounce own = elsewhere(swarm);
    String ofAnother = ClusterCredential.of(KEYS).proofOf(node(swarm, 0).encode());
    String proof = ClusterCredential.of(KEYS).proofOf(own.encode());

    assertThat(post(2, own, ofAnother).warning()).contains("127.0.0.2");
    assertThat(post(4, own, proof).warning()).isEmpty();
    assertThat(announce(3, swarm, 7002, "&left=9").bytes("peers"))
        .hasValueSatisfying(peers ->
            assertThat(latin1(peers)).contains(latin1(new byte[] {9, 9, 9, 9, 26, (byte) 225})));
  }

  @Test
  void nodeAnnounce_vouchedForButOfTheWildcard_isListedByItsSourceAndWarned() throws Exception {
    SwarmId swarm = swarm("wildcard");
    NodeAnnounce own =
        new NodeAnnounce(
            new byte[20],
            new byte[4],
            6881,
            false,
            false,
            List.of(new Tracker.Report(swarm.toBytes(), 0, Event.STARTED, 0)));

    assertThat(post(14, own, ClusterCredential.of(KEYS).proofOf(own.encode())).warning())
        .contains("127.0.0.14");
    assertThat(announce(15, swarm, 7002, "&left=9").bytes("peers"))
        .contains(new byte[] {127, 0, 0, 14, 26, (byte) 225});
  }

  @Test
  void nodeAnnounce_ofAStrangerAtAVouchedNodesAddress_changesNothing() throws Exception {
    SwarmId swarm = swarm("guarded");
    NodeAnnounce own = node(swarm, 0);
    post(16, own, ClusterCredential.of(KEYS).proofOf(own.encode()));
    post(16, new NodeAnnounce(new byte[20], new byte[0], 6881, true, true, List.of()), 200);
    announce(16, swarm, 6881, "&left=9&event=stopped");

    assertThat(announce(17, swarm, 7000, "&left=5").integer("complete")).contains(1L);
  }

  @Test
  void nodeAnnounce_ofAStrangerThatSaysItIsAProxy_isTakenForAnAgent() throws Exception {
    TestProbe<Tracker.Command> singleton = cluster.kit.createTestProbe();
    int proxyPort = cluster.serve(singleton.ref(), TestSettings.with("ask-timeout = 50ms"));
    URI uri = URI.create("http://127.0.0.1:" + proxyPort + "/layercast/v1/announce");
    byte[] body =
        new NodeAnnounce(new byte[20], new byte[0], 6882, true, false, List.of()).encode();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofByteArray(body));
    send(2, request.build());
    assertThat(singleton.expectMessageClass(Tracker.Exchange.class).proxy()).isFalse();

    String proof = ClusterCredential.of(KEYS).proofOf(body);
    send(2, request.header(ClusterCredential.PROOF_HEADER, proof).build());
    assertThat(singleton.expectMessageClass(Tracker.Exchange.class).proxy()).isTrue();
  }

  private static NodeReply post(int host, NodeAnnounce announce, String proof) throws Exception {
    HttpRequest request =
        announceRequest(announce).header(ClusterCredential.PROOF_HEADER, proof).build();
    return NodeReply.decode(send(host, request).body());
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static HttpResponse<byte[]> registerAlias(AliasRequest request, String proof)
      throws Exception {
    return send(
        1,
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/layercast/v1/alias"))
            .header(AliasRequest.PROOF_HEADER, proof)
            .POST(HttpRequest.BodyPublishers.ofByteArray(request.encode()))
            .build());
  }

  private static Dict announce(int host, SwarmId id, int peerPort, String rest) throws Exception {
    HttpResponse<byte[]> answer =
        get(
            host,
            "/announce?info_hash=%s&peer_id=%s&port=%d%s"
                .formatted(escaped(id), PEER_ID, peerPort, rest));
    assertThat(answer.statusCode()).isEqualTo(200);
    return Bencode.decodeDict(answer.body());
  }

  private static HttpResponse<byte[]> get(int host, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return send(host, HttpRequest.newBuilder(uri).build());
  }

  /** Sends from 127.0.0.{@code host}. */
  private static HttpResponse<byte[]> send(int host, HttpRequest request) throws Exception {
    InetAddress local = InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) host});
    try (HttpClient client = HttpClient.newBuilder().localAddress(local).build()) {
      return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }
  }

  private static String escaped(SwarmId id) {
    return hex(id).replaceAll("..", "%$0");
  }

  private static String hex(SwarmId id) {
    return HexFormat.of().formatHex(id.toBytes());
  }

  private static String latin1(SwarmId id) {
    return new String(id.toBytes(), StandardCharsets.ISO_8859_1);
  }
}
