package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Peers and announcers that break every rule, against real processes: each is turned away with a
 * reason in the log, the pull beside it is right, and the process lives on.
 */
@FaultSuite
final class HostilePeersIT {
  private static final String REPOSITORY = "library/wanted";
  private static TestImage image;
  private static Stack stack;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    image =
        ImageMaker.make(
            workplace.folder("image"),
            9,
            List.of(5_000_000L, 12_000_000L, 16_000_000L, 9_000_000L));
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    Path config = workplace.folder("config").resolve("short.conf");
    Files.writeString(config, "layercast.swarm.handshake-timeout = 5s");
    stack =
        Stack.before(workplace, registry.url())
            .proxy("--config", config.toString())
            .agent("--config", config.toString())
            .agent("--download-rate", "5MB/s")
            .agent("--download-rate", "5MB/s")
            .all("--log-level", "debug")
            .start();
    for (Blob layer : image.layers()) { // the origin is out of it from here on
      Puller.create().mustPull(stack.proxy(0).url(), REPOSITORY, layer);
    }
    Puller.create().mustPull(stack.agent(0).url(), REPOSITORY, image.layer(0));
  }

  /** What a peer does up to the moment at which it is to be dropped. */
  private interface Attack {
    PeerWire on(String peerAddress) throws IOException;
  }

  private static Map<String, Attack> attacks(Ticket ticket) {
    Map<String, Attack> attacks = new LinkedHashMap<>();
    attacks.put("no proof in time", PeerWire::dial);
    attacks.put(
        "not the BitTorrent protocol",
        at -> {
          PeerWire wire = PeerWire.dial(at);
          wire.raw("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          return wire;
        });
    attacks.put(
        "no such swarm here",
        at -> {
          PeerWire wire = PeerWire.dial(at);
          wire.handshake(new byte[20], true);
          return wire;
        });
    attacks.put(
        "spoke before its proof",
        at -> {
          PeerWire wire = greeted(at, ticket);
          wire.request(0, 0, 16 * 1024);
          return wire;
        });
    attacks.put("a wrong proof", at -> replayed(at, ticket));
    attacks.put(
        "a frame of 2147483647 bytes",
        at -> proven(at, ticket, wire -> wire.raw(new byte[] {0x7f, -1, -1, -1})));
    attacks.put(
        "a payload of 3 bytes, not 4", at -> proven(at, ticket, wire -> wire.send(4, new byte[3])));
    attacks.put(
        "a broken bitfield",
        at -> proven(at, ticket, wire -> wire.send(PeerWire.BITFIELD, new byte[900])));
    attacks.put(
        "a request for piece 1000 of",
        at -> proven(at, ticket, wire -> wire.request(1000, 0, 16 * 1024)));
    attacks.put(
        "a block nobody asked for",
        at -> proven(at, ticket, wire -> wire.send(PeerWire.PIECE, new byte[8 + 1024])));
    return attacks;
  }

  private interface Step {
    void on(PeerWire wire) throws IOException;
  }

  private static PeerWire proven(String at, Ticket ticket, Step then) throws IOException {
    PeerWire wire = PeerWire.dialProven(at, ticket);
    then.on(wire);
    return wire;
  }

  private static PeerWire greeted(String at, Ticket ticket) throws IOException {
    PeerWire wire = PeerWire.dial(at);
    wire.handshake(ticket.swarmId(), true);
    return wire;
  }

  /** Byte for byte what a proven peer of before has sent, its nonce and its proof too. */
  private static PeerWire replayed(String at, Ticket ticket) throws IOException {
    byte[] recorded;
    try (PeerWire honest = PeerWire.dialProven(at, ticket)) {
      recorded = honest.sent();
    }
    PeerWire wire = PeerWire.dial(at);
    wire.raw(recorded);
    return wire;
  }

  @Test
  void everyBrokenRule_closesThatConnectionOnly(Workplace workplace) throws Exception {
    Ticket ticket = Ticket.read(workplace, stack.proxy(0), image.layer(0), REPOSITORY);
    List<Role> attacked = List.of(stack.agent(0), stack.proxy(0));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Puller.Complete> pull =
          threads.submit(
              () -> Puller.create().mustPull(stack.agent(1).url(), REPOSITORY, image.layer(1)));
      List<Future<?>> ends = new ArrayList<>();
      for (Role role : attacked) {
        attacks(ticket)
            .forEach((cause, attack) ->
                ends.add(threads.submit(() -> endsWithoutALayersByte(role, cause, attack))));
      }
      for (Future<?> end : ends) {
        end.get();
      }
      assertThat(pull.get().digest()).isEqualTo(image.layer(1).digest());
    }
    for (Role role : attacked) {
      assertThat(role.program().isRunning()).as(role.name()).isTrue();
      for (String cause : attacks(ticket).keySet()) {
        Wait.until(
            role.name() + " to log: " + cause,
            Duration.ofSeconds(5),
            () -> role.program().output().contains(": " + cause));
      }
      assertThat(RawPeer.askProven(role.peerAddress(), ticket))
          .as("%s to an honest peer after that", role.name())
          .contains(PeerWire.PIECE);
    }
  }

  private static @Nullable Void endsWithoutALayersByte(Role role, String cause, Attack attack)
      throws IOException {
    try (PeerWire wire = attack.on(role.peerAddress())) {
      for (int type : wire.readToEnd()) {
        assertThat(type).as("%s, %s", role.name(), cause).isNotEqualTo(PeerWire.PIECE);
      }
      return null;
    }
  }

  /** Listed at the tracker among 40 that are nowhere; the proxy alone is honest. */
  @Test
  void peersThatLieOrKeepSilent_costTimeAndNothingElse(Workplace workplace) throws IOException {
    Blob layer = image.layer(2);
    Ticket ticket = Ticket.read(workplace, stack.proxy(0), layer, REPOSITORY);
    HostileSeed liar = seed(workplace, ticket, HostileSeed.Deed.LIES, layer);
    HostileSeed lazy = seed(workplace, ticket, HostileSeed.Deed.NEVER_ANSWERS, layer);
    HostileSeed mute = seed(workplace, ticket, HostileSeed.Deed.NEVER_GREETS, layer);
    InetAddress nowhere = InetAddress.getByName(workplace.address());
    for (int port = 1; port <= 40; port++) {
      HostileSeed.announce(stack.tracker(), ticket, nowhere, port);
    }

    Puller.Complete pulled = Puller.create().mustPull(stack.agent(2).url(), REPOSITORY, layer);

    assertThat(pulled.time()).isLessThan(Duration.ofSeconds(30));
    assertThat(liar.requests()).as("requests the liar answered").isPositive();
    assertThat(lazy.requests()).as("requests left unanswered").isPositive();
    assertThat(mute.connections()).as("handshakes left unanswered").isPositive();
    assertThat(liar.connections()).as("avoided after its first lie").isEqualTo(1);
    Wait.until(
        "the agent to log the lie",
        Duration.ofSeconds(10),
        () -> stack.agent(2).program().output().contains("sent a wrong piece"));
    assertThat(stack.agent(2).traffic().wasted()).isPositive();
    Puller.create().mustPull(stack.agent(2).url(), REPOSITORY, layer); // and so it is on disk
  }

  /** A piece takes it 100 s; what it was asked for is asked of others in time. */
  @Test
  void onePeerAtTenKilobytesASecond_doesNotHoldThePullUp(Workplace workplace, Fault fault)
      throws Exception {
    Blob layer = image.layer(3);
    Ticket ticket = Ticket.read(workplace, stack.proxy(0), layer, REPOSITORY);
    HostileSeed slow = seed(workplace, ticket, HostileSeed.Deed.DRIPS, layer);

    RunningPull pull = RunningPull.start(stack.agent(2), REPOSITORY, layer);

    pull.mustBeRight(Duration.ofSeconds(60));
    assertThat(slow.requests()).as("requests it answers slowly").isPositive();
    fault.stalled(pull.longestPause()).refetched(stack.agent(2).traffic().wasted());
  }

  private static HostileSeed seed(
      Workplace workplace, Ticket ticket, HostileSeed.Deed deed, Blob layer) throws IOException {
    return HostileSeed.start(workplace, stack.tracker(), ticket, deed, image.file(layer));
  }

  @Test
  void announceGarbage_getsAReason_andAnnouncesGoOn(Workplace workplace) throws IOException {
    Ticket ticket = Ticket.read(workplace, stack.proxy(0), image.layer(0), REPOSITORY);
    String post =
        "POST /layercast/v1/announce HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: ";
    Map<String, String> garbage = new LinkedHashMap<>();
    garbage.put(
        "GET /announce HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", "info_hash is missing");
    garbage.put(
        "GET /announce?info_hash=%ff%fe&peer_id=x&port=0 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
        "info_hash is missing or not 20 bytes");
    garbage.put(
        "GET /announce?info_hash="
            + "a".repeat(20)
            + "&peer_id="
            + "b".repeat(20)
            + "&port=70000&left=0 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
        "port is missing or out of range");
    garbage.put(
        "GET /announce?info_hash="
            + "a".repeat(20)
            + "&peer_id="
            + "b".repeat(20)
            + "&port=1&left=0 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
        "unknown info_hash");
    garbage.put(
        "GET /scrape HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
        "full scrapes are not served");
    garbage.put(
        "GET /announce?\0 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", "HTTP/1.1 400");
    garbage.put(
        "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003\r\n\r\n", "HTTP/1.1 400");
    garbage.put(post + "4\r\n\r\nd1:x", "failure reason");
    garbage.put(post + "999999999\r\n\r\n", "the body is too large");
    String nested = "l".repeat(100_000);
    garbage.put(post + nested.length() + "\r\n\r\n" + nested, "failure reason");

    for (Map.Entry<String, String> request : garbage.entrySet()) {
      assertThat(say(stack.tracker(), request.getKey())).contains(request.getValue());
    }
    assertThat(say(stack.tracker(), random(1_000) + "\r\n\r\n")).startsWith("HTTP/1.1 400");

    assertThat(stack.tracker().program().isRunning()).isTrue();
    InetAddress here = InetAddress.getByName(workplace.address());
    assertThat(HostileSeed.announce(stack.tracker(), ticket, here, 1)).contains("8:interval");
    Puller.create().mustPull(stack.agent(1).url(), REPOSITORY, image.layer(0));
  }

  private static String say(Role tracker, String bytes) throws IOException {
    var address = Workplace.socketAddress(tracker.address());
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static String random(int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    new java.util.SplittableRandom(10).nextBytes(bytes.array());
    return new String(bytes.array(), StandardCharsets.ISO_8859_1);
  }
}
