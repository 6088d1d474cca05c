package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.PieceSet;
import io.layercast.swarm.wire.PeerId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What one node orders when it is told this and that: no clock, no socket. */
class SwarmPolicyTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int PIECES = 8;
  private static final PeerId SELF = PeerId.random();

  private final List<String> said = new ArrayList<>();

  /** Ports with which there is no room for a connection. */
  private final Set<Integer> full = new HashSet<>();

  private long ids;
  private int memoryPieces = 100;
  private final PieceShares shares =
      new PieceShares((_, sharers) -> memoryPieces / Math.max(1, sharers));

  private final SwarmPolicy.Surroundings around =
      new SwarmPolicy.Surroundings() {
        @Override
        public boolean dial(Peer peer) {
          said.add("dial " + peer.address().getPort());
          return !full.contains(peer.address().getPort());
        }

        @Override
        public void holdingChanged() {
          said.add("changed");
        }

        @Override
        public void wantPeers() {
          said.add("want peers");
        }

        @Override
        public void sendHavesAfter(long nanos) {
          said.add("haves later");
        }
      };

  /** Writes down what it is told. */
  private final class FakeLink extends Link {
    final long id = ids++;
    final Remote remote;
    final List<Integer> fetches = new ArrayList<>();

    FakeLink() {
      this.remote = new Remote(PeerId.random(), address(1_000 + (int) id), false, false);
    }

    FakeLink(Remote remote) {
      this.remote = remote;
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public void start(PieceSet have) {
      said.add(id + " start " + have.count());
    }

    @Override
    public void haves(int[] pieces) {
      said.add(id + " haves " + Arrays.toString(pieces));
    }

    @Override
    public void interest(boolean interested) {
      said.add(id + (interested ? " interested" : " not interested"));
    }

    @Override
    public void fetch(int piece, long stallNanos) {
      fetches.add(piece);
    }

    @Override
    public void abandon(int piece) {
      said.add(id + " abandon " + piece);
    }

    @Override
    public void close(String cause) {
      said.add(id + " close: " + cause);
    }

    @Override
    public long lastAskedNanos() {
      return 0;
    }
  }

  private static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private SwarmPolicy policy(String... settings) {
    return policy(PIECES, settings);
  }

  private SwarmPolicy policy(int pieces, String... settings) {
    var config =
        ConfigFactory.parseString(String.join("\n", settings)).withFallback(ConfigFactory.load());
    return new SwarmPolicy(
        new SwarmPolicy.Setup(
            SwarmSettings.from(config), SELF, address(1), List.of(), pieces, shares.share(1), 1),
        around,
        0);
  }

  private SwarmPolicy leech() {
    return leech(PIECES);
  }

  private SwarmPolicy leech(int pieces) {
    SwarmPolicy policy = policy(pieces);
    policy.begin(PieceSet.empty(pieces), PieceSet.full(pieces));
    policy.readers(List.of(0), true, 0);
    return policy;
  }

  private FakeLink open(SwarmPolicy policy, PieceSet has, long now) {
    FakeLink link = new FakeLink();
    policy.opened(link, link.remote, now);
    policy.has(link, has, now);
    policy.choking(link, false, now);
    return link;
  }

  @Test
  void aloneWithASeed_fetchesInOrder() {
    SwarmPolicy policy = leech();
    FakeLink seed = open(policy, PieceSet.full(PIECES), 0);
    assertThat(said).contains("0 interested");
    assertThat(seed.fetches).containsExactly(0, 1);
  }

  /** The blob says that a piece is here before the session does that it is through with it. */
  @Test
  void roomThatAPieceLeaves_isForWhoeverMaySend() {
    memoryPieces = 1;
    SwarmPolicy policy = leech();
    FakeLink chokes = open(policy, PieceSet.full(PIECES), 0);
    FakeLink sends = open(policy, PieceSet.full(PIECES), 0);
    assertThat(chokes.fetches).hasSize(1);
    assertThat(sends.fetches).isEmpty();
    policy.choking(chokes, true, 1);

    policy.stored(chokes.fetches.getFirst(), 2);

    assertThat(sends.fetches).hasSize(1);
  }

  @Test
  void pieceOfWhichAnotherCopyIsJustBeingWritten_isNotToldOfYet() {
    SwarmPolicy policy = leech();
    open(policy, PieceSet.empty(PIECES), 0);
    FakeLink seed = open(policy, PieceSet.full(PIECES), 0);
    int piece = seed.fetches.getFirst();

    policy.fetchEnded(seed, seed.remote, piece, Outcome.OVERTAKEN, 0, 4, SECOND);
    assertThat(said).noneMatch(line -> line.contains("haves"));
    policy.stored(piece, SECOND);
    assertThat(said).anyMatch(line -> line.contains("haves"));
  }

  @Test
  void secondConnectionWithAPeer_isNotDialledAgainAtOnce() {
    SwarmPolicy policy = leech();
    PeerId twin = PeerId.random();
    FakeLink kept = new FakeLink(new Remote(twin, address(2_000), true, false));
    policy.opened(kept, kept.remote, 0);
    policy.heardOf(List.of(Peer.ours(address(2_001))), 0);
    FakeLink second = new FakeLink(new Remote(twin, address(2_001), true, false));
    policy.opened(second, second.remote, 0);
    assertThat(said).contains("dial 2001", second.id + " close: connected twice");
    said.clear();

    policy.tick(SECOND / 4);
    assertThat(said).doesNotContain("dial 2001");
    policy.tick(SECOND);
    assertThat(said).contains("dial 2001");
  }

  @Test
  void peerForWhomThereIsNoRoom_keepsNobodyElseFromBeingDialled() {
    full.add(2_000);
    SwarmPolicy policy = leech();
    policy.heardOf(List.of(Peer.ours(address(2_000)), Peer.ours(address(2_001))), 0);
    assertThat(said).contains("dial 2000", "dial 2001");
    said.clear();

    policy.tick(SECOND / 4);
    assertThat(said).doesNotContain("dial 2000");
    policy.tick(SECOND);
    assertThat(said).contains("dial 2000");
  }

  @Test
  void inACrowd_oneSlowPieceAtATime() {
    SwarmPolicy policy = leech();
    open(policy, PieceSet.empty(PIECES), 0);
    FakeLink seed = open(policy, PieceSet.full(PIECES), 0);
    assertThat(seed.fetches).hasSize(1);
    policy.fetchEnded(
        seed, seed.remote, seed.fetches.getFirst(), Outcome.STORED, SECOND, 4, SECOND);
    assertThat(seed.fetches).hasSize(2);
    policy.fetchEnded(seed, seed.remote, seed.fetches.get(1), Outcome.STORED, 1_000, 4, SECOND);
    assertThat(seed.fetches).hasSize(6);
  }

  @Test
  void inACrowd_aSeedServesAReaderThatWaitsEveryOtherTime() {
    SwarmPolicy policy = leech();
    open(policy, PieceSet.empty(PIECES), 0);
    FakeLink seed = open(policy, PieceSet.full(PIECES), 2 * SECOND);
    long now = 2 * SECOND;
    assertThat(seed.fetches).as("it has waited for long").containsExactly(0);
    for (int i = 1; i < PIECES; i++) {
      now += 2 * SECOND;
      int piece = seed.fetches.getLast();
      policy.fetchEnded(seed, seed.remote, piece, Outcome.STORED, 2 * SECOND, 4, now);
    }
    assertThat(seed.fetches).doesNotHaveDuplicates().hasSize(PIECES);
    assertThat(seed.fetches.subList(0, 4))
        .as("half of them for others")
        .isNotEqualTo(List.of(0, 1, 2, 3));
  }

  @Test
  void inACrowd_whatManyHaveComesInOrder_nearTheReader() {
    memoryPieces = 2;
    SwarmPolicy policy = leech(64);
    PieceSet most = PieceSet.full(64);
    most.remove(63);
    FakeLink one = open(policy, most, 0);
    FakeLink other = open(policy, pieces(64, 3, 5, 40, 63), 0);
    assertThat(one.fetches).as("what the reader waits for").containsExactly(0);
    assertThat(other.fetches).as("not the rarest").containsExactly(3);
  }

  @Test
  void inACrowd_eachBringsItsOwnPiecesFromTheSeeds() {
    memoryPieces = 6;
    SwarmPolicy policy = leech(64);
    FakeLink fellow = open(policy, PieceSet.empty(64), 0);
    FakeLink another = open(policy, PieceSet.empty(64), 0);
    long before =
        Stream.of(fellow, another).filter(it -> it.remote.peerId().compareTo(SELF) < 0).count();
    List<FakeLink> seeds = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      seeds.add(open(policy, PieceSet.full(64), 0));
    }
    assertThat(seeds.stream().flatMap(seed -> seed.fetches.stream()))
        .hasSize(6)
        .allMatch(piece -> piece % 3 == before);
  }

  @Test
  void pieceRefusedByWhoChokes_isStillThereAfterwards() {
    SwarmPolicy policy = leech();
    FakeLink one = open(policy, pieces(PIECES, 0), 0);

    policy.choking(one, true, 0);
    policy.fetchEnded(one, one.remote, 0, Outcome.REFUSED, 0, 4, 0);
    policy.choking(one, false, 0);

    assertThat(one.fetches).containsExactly(0, 0);
  }

  /** Whoever fetches it takes six times as long as a piece took before. */
  @Test
  void whatAReaderWaitsFor_isAskedOfASecondPeerOnceItIsLate() {
    SwarmPolicy policy = leech();
    FakeLink slow = open(policy, PieceSet.full(PIECES), 0);
    assertThat(slow.fetches).containsExactly(0, 1);
    policy.fetchEnded(slow, slow.remote, 1, Outcome.STORED, SECOND, 2, SECOND);

    FakeLink early = open(policy, PieceSet.full(PIECES), 6 * SECOND - 1);
    FakeLink second = open(policy, PieceSet.full(PIECES), 6 * SECOND);

    assertThat(early.fetches).isNotEmpty().doesNotContain(0);
    assertThat(second.fetches).startsWith(0);
  }

  private static PieceSet pieces(int pieceCount, int... pieces) {
    PieceSet set = PieceSet.empty(pieceCount);
    for (int piece : pieces) {
      set.add(piece);
    }
    return set;
  }

  @Test
  void noMoreIsUnderWayThanThereIsMemoryFor() {
    memoryPieces = 1;
    SwarmPolicy policy = leech();
    FakeLink first = open(policy, pieces(PIECES, 0), 0);
    FakeLink seed = open(policy, PieceSet.full(PIECES), 0);
    assertThat(first.fetches).containsExactly(0);
    assertThat(seed.fetches).isEmpty();
    policy.fetchEnded(first, first.remote, 0, Outcome.STORED, SECOND, 4, SECOND);
    assertThat(seed.fetches).as("who has something is asked when there is room").hasSize(1);
  }

  @Test
  void swarmsShareTheMemory_onlyWhileTheyUseIt() {
    memoryPieces = 2;
    SwarmPolicy one = leech();
    FakeLink ones = open(one, PieceSet.full(PIECES), 0);
    assertThat(ones.fetches).as("nobody else").hasSize(2);
    SwarmPolicy other = leech();
    FakeLink others = open(other, PieceSet.full(PIECES), 0);
    assertThat(others.fetches).as("a piece at least").hasSize(1);
    one.fetchEnded(ones, ones.remote, 0, Outcome.STORED, SECOND, 4, SECOND);
    assertThat(ones.fetches).as("its half is the one under way").hasSize(2);
    other.gone(others, others.remote, SECOND);
    one.tick(SECOND);
    assertThat(ones.fetches).hasSize(3);
  }

  @Test
  void choked_fetchesNothing_andGoneGivesBack() {
    SwarmPolicy policy = leech();
    FakeLink one = open(policy, PieceSet.full(PIECES), 0);
    FakeLink other = new FakeLink();
    policy.opened(other, other.remote, 0);
    policy.has(other, PieceSet.full(PIECES), 0);
    assertThat(other.fetches).isEmpty();
    policy.gone(one, one.remote, 0);
    policy.choking(other, false, 0);
    assertThat(other.fetches).containsExactly(0, 1);
  }

  @Test
  void aSeedThatNobodyAsks_needsNoTicks() {
    assertThat(leech().needsTicks()).isTrue();
    SwarmPolicy seed = policy();
    seed.begin(PieceSet.full(PIECES), PieceSet.full(PIECES));
    assertThat(seed.needsTicks()).isFalse();
    FakeLink peer = open(seed, PieceSet.empty(PIECES), 0);
    assertThat(seed.needsTicks()).isTrue();
    seed.gone(peer, peer.remote, SECOND);
    assertThat(seed.needsTicks()).isFalse();
    seed.readers(List.of(0), true, SECOND);
    seed.lost(0, SECOND);
    assertThat(seed.needsTicks()).isTrue();
  }

  @Test
  void liar_isClosedAndNotLetInAgain() {
    SwarmPolicy policy = leech();
    FakeLink liar = open(policy, PieceSet.full(PIECES), 0);
    policy.fetchEnded(liar, liar.remote, 0, Outcome.WRONG_HASH, 0, 4, 0);
    assertThat(said).contains("0 close: sent a wrong piece");
    policy.gone(liar, liar.remote, 0);
    policy.opened(liar, liar.remote, SECOND);
    assertThat(said).contains("0 close: sent wrong pieces or flooded before");
  }

  @Test
  void fullSeed_makesRoomForNewcomers_afterATurn() {
    SwarmPolicy seed = policy("layercast.swarm.max-connections-per-blob = 2");
    seed.begin(PieceSet.full(PIECES), PieceSet.full(PIECES));
    open(seed, PieceSet.empty(PIECES), 0);
    open(seed, PieceSet.empty(PIECES), 0);
    FakeLink early = new FakeLink();
    seed.opened(early, early.remote, SECOND);
    assertThat(said).contains("2 close: enough connections");
    FakeLink late = new FakeLink();
    seed.opened(late, late.remote, 2 * SECOND);
    assertThat(said).contains("0 close: others wait", "3 start 8");
    assertThat(said).doesNotContain("1 close: others wait");
  }

  @Test
  void fewPieces_takeFewConnections_untilAllAreHere() {
    SwarmPolicy policy = leech();
    for (int i = 0; i < 17; i++) {
      open(policy, PieceSet.empty(PIECES), 0);
    }
    assertThat(said).contains("16 close: enough connections");
    IntStream.range(0, PIECES).forEach(piece -> policy.stored(piece, SECOND));
    open(policy, PieceSet.empty(PIECES), SECOND);
    assertThat(said).contains("17 start 8");
  }

  @Test
  void complete_isToldToTheTracker_theFirstPieceIsNot() {
    SwarmPolicy policy = leech();
    IntStream.range(0, PIECES - 1).forEach(piece -> policy.stored(piece, SECOND));
    assertThat(said).doesNotContain("changed");
    policy.stored(PIECES - 1, SECOND);
    assertThat(said).containsOnlyOnce("changed");
  }

  @Test
  void latePeer_comesLast_untilItDelivers() {
    SwarmPolicy policy = leech();
    FakeLink late = open(policy, PieceSet.full(PIECES), 0);
    assertThat(late.fetches).hasSize(2);
    policy.fetchEnded(late, late.remote, late.fetches.getFirst(), Outcome.STALLED, 0, 4, SECOND);
    policy.fetchEnded(late, late.remote, late.fetches.get(1), Outcome.STALLED, 0, 4, SECOND);
    assertThat(late.fetches).as("one piece at a time").hasSize(3);
    policy.fetchEnded(late, late.remote, late.fetches.get(2), Outcome.STORED, 1_000, 4, SECOND);
    assertThat(late.fetches).as("as many as there is room for").hasSize(7);
  }

  @Test
  void whatAReaderWaitsForTooLong_isAskedOfAnotherAlsoWithoutMemoryForMore() {
    memoryPieces = 2;
    SwarmPolicy policy = leech();
    FakeLink late = open(policy, PieceSet.full(PIECES), 0);
    assertThat(late.fetches).containsExactly(0, 1);
    FakeLink other = open(policy, PieceSet.full(PIECES), 200 * SECOND);
    assertThat(other.fetches).containsExactly(0);
  }

  @Test
  void fullLeech_keepsItsPartners() {
    SwarmPolicy leech = policy("layercast.swarm.max-connections-per-blob = 1");
    leech.begin(PieceSet.empty(PIECES), PieceSet.full(PIECES));
    leech.readers(List.of(0), true, 0);
    open(leech, PieceSet.full(PIECES), 0);
    FakeLink late = new FakeLink();
    leech.opened(late, late.remote, 60 * SECOND);
    assertThat(said).contains("1 close: enough connections");
  }
}
