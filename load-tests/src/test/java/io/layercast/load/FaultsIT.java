package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The quick faults, on one cluster that outlives them all: a tracker, two proxies, three agents and
 * an origin at the other end of a way that can be shaped and closed. Each test has layers of its
 * own and leaves the cluster whole.
 */
@FaultSuite
final class FaultsIT {
  private static final String REPOSITORY = "library/faults";
  private static final long MB = 1_000_000;
  private static final long PIECE_BYTES = 1024 * 1024;
  private static final long ORIGIN_RATE = 8 * MB;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final int MANY_PULLS = 200;
  private static final int PULLS_AT_THE_END = 50;

  private static FarOrigin origin;
  private static Stack stack;
  private static Path config;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    List<Long> sizes = Stream.iterate(12 * MB, size -> size + 1000).limit(6).toList();
    List<Long> withSmall = new ArrayList<>(sizes);
    withSmall.add(4 * MB);
    withSmall.add(13 * MB);
    origin = FarOrigin.start(workplace, REPOSITORY, 21, withSmall);
    config = workplace.folder("agent-config");
    Files.writeString(config.resolve("layercast.conf"), "downloadRate = 0\n");
    stack =
        origin
            .stack()
            .proxy()
            .proxy()
            .agent()
            .agent()
            .agent("--config-folder", config.toString())
            .start();
  }

  @Test
  void byteFlippedInAStoredLayer_isFoundBeforeItIsServed(Fault fault) throws Exception {
    Blob layer = origin.layer(0);
    Role agent = stack.agent(0);
    Puller.create().mustPull(agent.url(), REPOSITORY, layer);
    long before = agent.traffic().received();
    try (FileChannel data = dataOf(layer, agent)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      long middle = layer.sizeBytes() / 2;
      data.read(one, middle);
      one.put(0, (byte) (one.get(0) ^ 1)).rewind();
      data.write(one, middle);
    }

    pulledRightFromBoth(layer, fault);

    long refetched = agent.traffic().received() - before;
    fault.refetched(refetched);
    assertThat(refetched).isBetween(1L, 2 * PIECE_BYTES);
  }

  @Test
  void storedLayerTruncated_isMadeWholeAgain(Fault fault) throws Exception {
    Blob layer = origin.layer(1);
    Role agent = stack.agent(0);
    Puller.create().mustPull(agent.url(), REPOSITORY, layer);
    long before = agent.traffic().received();
    long half = layer.sizeBytes() / 2;
    try (FileChannel data = dataOf(layer, agent)) {
      data.truncate(half);
    }

    pulledRightFromBoth(layer, fault);

    long refetched = agent.traffic().received() - before;
    fault.refetched(refetched);
    assertThat(refetched).isBetween(1L, layer.sizeBytes() - half + 2 * PIECE_BYTES);
  }

  /** From the damaged node itself and, at the same time, by a node that may have it as a peer. */
  private static void pulledRightFromBoth(Blob layer, Fault fault) throws Exception {
    RunningPull own = RunningPull.start(stack.agent(0), REPOSITORY, layer);
    RunningPull others = RunningPull.start(stack.agent(1), REPOSITORY, layer);
    own.mustBeRight(PATIENCE);
    others.mustBeRight(PATIENCE);
    fault.stalled(longest(List.of(own, others)));
  }

  private static FileChannel dataOf(Blob layer, Role role) throws IOException {
    String hex = Sha256.hexOf(layer.digest());
    Path data =
        role.data().resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex + "/data");
    return FileChannel.open(data, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  @Test
  void originDown_whatIsCachedIsServedAndTheRestIsRefusedInTime(Fault fault) throws Exception {
    Blob cached = origin.layer(2);
    Blob unknown = origin.layer(3);
    String manifest = "/v2/" + REPOSITORY + "/manifests/" + origin.image().manifest().digest();
    Puller.create().mustPull(stack.agent(0).url(), REPOSITORY, cached);
    assertThat(Http.get(stack.agent(0).url() + manifest, "Accept", ImageMaker.MANIFEST).status())
        .isEqualTo(200);
    origin.way().refuse(true);
    try {
      RunningPull here = RunningPull.start(stack.agent(0), REPOSITORY, cached);
      RunningPull there = RunningPull.start(stack.agent(1), REPOSITORY, cached);
      here.mustBeRight(PATIENCE);
      there.mustBeRight(PATIENCE);
      fault.stalled(longest(List.of(here, there))).refetched(0);
      assertThat(Http.get(stack.agent(1).url() + manifest, "Accept", ImageMaker.MANIFEST).status())
          .isEqualTo(200);
      assertThat(
              Puller.create()
                  .patientFor(PATIENCE)
                  .pull(stack.agent(0).url(), REPOSITORY, unknown.digest()))
          .isInstanceOfSatisfying(
              Puller.Refused.class,
              refused -> {
                assertThat(refused.status()).isBetween(500, 504);
                assertThat(refused.body()).contains("\"errors\"");
              });
    } finally {
      origin.way().refuse(false);
    }
    Wait.until(
        "the origin to be asked again",
        PATIENCE,
        () ->
            Puller.create().pull(stack.agent(0).url(), REPOSITORY, unknown.digest())
                instanceof Puller.Complete);
  }

  @Test
  void twoHundredPullsAtOnceOnOneAgent_oneCopyServesThemAll(Fault fault) throws Exception {
    Blob layer = origin.layer(6);
    List<RunningPull> pulls =
        Stream.generate(() -> RunningPull.start(stack.agent(2), REPOSITORY, layer))
            .limit(MANY_PULLS)
            .toList();
    for (RunningPull pull : pulls) {
      pull.mustBeRight(PATIENCE);
    }
    long refetched = origin.registry().sentBytes(layer) - layer.sizeBytes();
    fault.stalled(longest(pulls)).refetched(refetched);
    assertThat(refetched).isLessThanOrEqualTo(0);
  }

  /** Of those that its grace is too short for none is whole and wrong, and a retry goes on. */
  @Test
  void agentToldToStopWhileItServesFiftyPulls_noneIsWrongAndRetriesGoOn(Fault fault)
      throws Exception {
    Blob layer = origin.layer(4);
    Role agent = stack.agent(2);
    origin.rate(ORIGIN_RATE);
    int whole = 0;
    try {
      List<RunningPull> pulls =
          Stream.generate(() -> RunningPull.start(agent, REPOSITORY, layer))
              .limit(PULLS_AT_THE_END)
              .toList();
      pulls.getFirst().awaitBytes(layer.sizeBytes() * 3 / 4);
      agent.stop();
      for (RunningPull pull : pulls) {
        whole += pull.mustNotBeWrong(PATIENCE) ? 1 : 0;
      }
    } finally {
      origin.unlimited();
      if (!agent.program().isRunning()) {
        agent.start();
      }
      agent.awaitReady();
    }
    Puller.create().mustPull(agent.url(), REPOSITORY, layer);
    long again = agent.traffic().received(); // of this life
    fault
        .refetched(again - layer.sizeBytes() / 4)
        .remark("%d of %d pulls ended within the grace".formatted(whole, PULLS_AT_THE_END));
    assertThat(again).isLessThanOrEqualTo(layer.sizeBytes() / 4 + 4 * PIECE_BYTES);
  }

  @Test
  void grantedPeerFloodsWithConnectionsAndMessages_isThrownOutAndPullsGoOn(
      Workplace workplace, Fault fault) throws Exception {
    Blob known = origin.layer(6);
    Blob layer = origin.layer(5);
    Role agent = stack.agent(0);
    Puller.create().mustPull(agent.url(), REPOSITORY, known);
    Role owner = stack.ownerOf(known, REPOSITORY);
    Ticket ticket = Ticket.read(workplace, owner, known, REPOSITORY);
    origin.rate(ORIGIN_RATE);
    try (Flood flood = Flood.start(agent.peerAddress(), ticket)) {
      RunningPull pull = RunningPull.start(agent, REPOSITORY, layer);
      RunningPull beside = RunningPull.start(stack.agent(1), REPOSITORY, layer);
      assertThat(flood.isThrownOut(PATIENCE)).as("the flood is ended by the agent").isTrue();
      pull.mustBeRight(PATIENCE);
      beside.mustBeRight(PATIENCE);
      fault
          .stalled(longest(List.of(pull, beside)))
          .refetched(origin.registry().sentBytes(layer) - layer.sizeBytes())
          .remark(flood.deeds());
      assertThat(agent.program().isRunning()).isTrue();
      assertThat(agent.program().output()).contains("floods in the swarm of " + known.digest());
    } finally {
      origin.unlimited();
    }
    assertThat(RawPeer.askProven(agent.peerAddress(), ticket))
        .as("an honest peer after that")
        .contains(PeerWire.PIECE);
  }

  @Test
  void configMapWithGarbage_isRefusedAndPullsGoOn(Fault fault) throws Exception {
    Blob layer = origin.layer(7);
    Role agent = stack.agent(2);
    origin.rate(ORIGIN_RATE);
    try {
      RunningPull pull = RunningPull.start(agent, REPOSITORY, layer).awaitBytes(2 * MB);
      Files.writeString(config.resolve("layercast.conf"), "downloadRate = { = fast\n");
      Wait.until(
          "the refusal to be logged",
          PATIENCE,
          () -> agent.program().output().contains("refused a change of"));
      pull.mustBeRight(PATIENCE);
      fault
          .stalled(pull.longestPause())
          .refetched(origin.registry().sentBytes(layer) - layer.sizeBytes());
    } finally {
      origin.unlimited();
      Files.writeString(config.resolve("layercast.conf"), "downloadRate = 0\n");
    }
  }

  /** A loop of a client gone wild; a pull beside it is served. */
  @Test
  void tenThousandSmallRequests_pullBesideThemGoesOn(Fault fault) throws Exception {
    Blob layer = origin.layer(6);
    Role agent = stack.agent(1);
    SmallRequests requests =
        SmallRequests.start(
            agent,
            "/v2/" + REPOSITORY + "/manifests/" + origin.image().manifest().digest(),
            10_000);
    RunningPull pull = RunningPull.start(agent, REPOSITORY, layer);
    pull.mustBeRight(PATIENCE);
    assertThat(requests.statuses(PATIENCE)).containsOnly(200);
    fault.stalled(pull.longestPause()).remark(requests.rate());
  }

  static Duration longest(List<RunningPull> pulls) {
    return pulls.stream()
        .map(RunningPull::longestPause)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }
}
