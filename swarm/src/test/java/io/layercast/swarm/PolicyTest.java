package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.PieceSet;
import io.layercast.swarm.UploadChoice.Change;
import io.layercast.swarm.wire.PeerId;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The decisions alone: no clock, no socket. */
class PolicyTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int MIB = 1024 * 1024;

  private final SwarmSettings settings = SwarmSettings.from(ConfigFactory.load());

  private static InetSocketAddress peer(int number) {
    return new InetSocketAddress("127.0.0." + number, 6881);
  }

  // ---- settings

  @Test
  void settings_nameTheKeyThatIsWrong() {
    assertThatThrownBy(() ->
            SwarmSettings.from(
                ConfigFactory.parseString("layercast.swarm.upload-slots-min = 0")
                    .withFallback(ConfigFactory.load())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layercast.swarm.upload-slots-min");
    assertThatThrownBy(() ->
            SwarmSettings.from(
                ConfigFactory.parseString("layercast.swarm.stall-min = 1h")
                    .withFallback(ConfigFactory.load())))
        .hasMessageContaining("stall-min");
  }

  // ---- uploads

  @Test
  void freeSlots_areGivenAtOnce_thenInTurn() {
    UploadChoice<Long> choice = new UploadChoice<>(2, 2, 5 * SECOND);

    assertThat(choice.wants(1L, 0)).containsExactly(new Change<>(1L, true));
    assertThat(choice.wants(2L, 0)).containsExactly(new Change<>(2L, true));
    assertThat(choice.wants(3L, 0)).isEmpty();
    assertThat(choice.isContended()).isTrue();
    assertThat(choice.rotate(SECOND, _ -> false, true)).isEmpty();
    assertThat(choice.rotate(5 * SECOND, _ -> false, true))
        .containsExactly(new Change<>(1L, false), new Change<>(3L, true));
    assertThat(choice.left(2L, 5 * SECOND))
        .containsExactly(new Change<>(2L, false), new Change<>(1L, true));
    assertThat(choice.isContended()).isFalse();
  }

  @Test
  void servedPeer_passesItsSlotOn_onlyWhileOthersWait() {
    UploadChoice<Long> choice = new UploadChoice<>(1, 1, 5 * SECOND);
    choice.wants(1L, 0);

    assertThat(choice.served(1L, SECOND, true)).isEmpty();
    choice.wants(2L, SECOND);
    assertThat(choice.served(1L, 2 * SECOND, true))
        .containsExactly(new Change<>(1L, false), new Change<>(2L, true));
    assertThat(choice.served(1L, 3 * SECOND, true)).isEmpty();
  }

  @Test
  void slots_growWhileTheLimitIsNotReached_andShrinkAgain() {
    UploadChoice<Long> choice = new UploadChoice<>(1, 3, 5 * SECOND);
    for (long peer = 1; peer <= 5; peer++) {
      choice.wants(peer, 0);
    }

    assertThat(choice.rotate(SECOND, _ -> false, false)).containsExactly(new Change<>(2L, true));
    assertThat(choice.rotate(SECOND, _ -> false, false)).containsExactly(new Change<>(3L, true));
    assertThat(choice.rotate(SECOND, _ -> false, false)).isEmpty();
    assertThat(choice.served(1L, SECOND, true)).containsExactly(new Change<>(1L, false));
    assertThat(choice.served(2L, SECOND, true)).containsExactly(new Change<>(2L, false));
    assertThat(choice.served(3L, SECOND, true))
        .containsExactly(new Change<>(3L, false), new Change<>(4L, true));
  }

  @Test
  void slots_doNotGrowWhileAHolderAsksForNothing() {
    UploadChoice<Long> choice = new UploadChoice<>(1, 3, 5 * SECOND);
    choice.wants(1L, 0);
    choice.wants(2L, 0);

    assertThat(choice.rotate(SECOND, peer -> peer == 1L, false))
        .containsExactly(new Change<>(1L, false), new Change<>(2L, true));
    assertThat(choice.rotate(SECOND, _ -> false, false)).containsExactly(new Change<>(1L, true));
  }

  @Test
  void slots_shrinkThoughNobodyWaits() {
    UploadChoice<Long> choice = new UploadChoice<>(1, 3, 5 * SECOND);
    choice.wants(1L, 0);
    choice.wants(2L, 0);
    choice.rotate(SECOND, _ -> false, false);
    assertThat(choice.isContended()).isFalse();

    assertThat(choice.served(1L, SECOND, true)).containsExactly(new Change<>(1L, false));
    assertThat(choice.served(2L, SECOND, true))
        .containsExactly(new Change<>(2L, false), new Change<>(1L, true));
  }

  @Test
  void slots_areFewAgainForTheNextCrowd() {
    UploadChoice<Long> choice = new UploadChoice<>(1, 3, 5 * SECOND);
    choice.wants(1L, 0);
    choice.wants(2L, 0);
    assertThat(choice.rotate(SECOND, _ -> false, false)).containsExactly(new Change<>(2L, true));
    choice.left(1L, SECOND);
    choice.left(2L, SECOND);

    assertThat(choice.wants(3L, SECOND)).containsExactly(new Change<>(3L, true));
    assertThat(choice.wants(4L, SECOND)).isEmpty();
  }

  @Test
  void idleHolder_losesItsSlotEarly_onlyWhileOthersWait() {
    UploadChoice<Long> choice = new UploadChoice<>(1, 1, 5 * SECOND);
    choice.wants(1L, 0);

    assertThat(choice.rotate(SECOND, _ -> true, true)).isEmpty();
    choice.wants(2L, SECOND);
    assertThat(choice.rotate(2 * SECOND, _ -> true, true))
        .containsExactly(new Change<>(1L, false), new Change<>(2L, true));
  }

  @Test
  void everybodyGetsATurn() {
    UploadChoice<Long> choice = new UploadChoice<>(4, 4, SECOND);
    Set<Long> served = new java.util.HashSet<>();
    for (long peer = 0; peer < 40; peer++) {
      choice.wants(peer, 0).forEach(change -> served.add(change.peer()));
    }
    for (int second = 1; second <= 9; second++) {
      choice.rotate(second * SECOND, _ -> false, true).stream()
          .filter(Change::unchoked)
          .forEach(change -> served.add(change.peer()));
    }
    assertThat(served).hasSize(40);
  }

  // ---- requests

  @Test
  void pipeline_growsWithRateAndStaysWithinBounds() {
    RequestPipeline fast = new RequestPipeline(settings.transfer(), 128 * 1024);
    RequestPipeline slow = new RequestPipeline(settings.transfer(), 128 * 1024);
    fast.resumed(0);
    slow.resumed(0);
    fast.received(100 * MIB, SECOND);
    slow.received(20 * 1024, SECOND);

    assertThat(fast.targetBytes()).isEqualTo(4 * MIB);
    assertThat(fast.blockBytes()).isEqualTo(128 * 1024);
    assertThat(fast.pieces(MIB)).isEqualTo(4);
    assertThat(slow.blockBytes()).isEqualTo(16 * 1024);
    assertThat(slow.targetBytes()).isBetween(32 * 1024, 256 * 1024);
    assertThat(slow.pieces(4 * MIB)).isEqualTo(2);
  }

  @Test
  void idleTime_isNotThePeers() {
    RequestPipeline pipeline = new RequestPipeline(settings.transfer(), 128 * 1024);
    pipeline.resumed(0);
    pipeline.received(10 * MIB, SECOND);
    pipeline.resumed(100 * SECOND);
    pipeline.received(10 * MIB, 101 * SECOND);
    assertThat(pipeline.bytesPerSecond()).isEqualTo(10.0 * MIB);
  }

  // ---- peers

  @Test
  void flooder_isAvoidedAsALiarIs() {
    PeerLedger ledger = new PeerLedger(settings.deadlines());
    ledger.flooded(peer(1), 0);

    assertThat(ledger.mayDial(peer(1), SECOND)).isFalse();
    assertThat(ledger.isAvoided(peer(1), 601 * SECOND)).isFalse();
  }

  @Test
  void liar_isAvoidedForItsTime_aHostThatLiesThriceWhole() {
    PeerLedger ledger = new PeerLedger(settings.deadlines());
    ledger.lied(peer(1), 0);

    assertThat(ledger.isAvoided(peer(1), SECOND)).isTrue();
    assertThat(ledger.mayDial(peer(1), SECOND)).isFalse();
    assertThat(ledger.isAvoided(peer(2), SECOND)).isFalse();
    assertThat(ledger.isAvoided(peer(1), 601 * SECOND)).isFalse();

    for (int port = 1; port <= 3; port++) {
      ledger.lied(new InetSocketAddress("127.0.0.7", port), 0);
    }
    assertThat(ledger.isAvoided(new InetSocketAddress("127.0.0.7", 99), SECOND)).isTrue();
  }

  @Test
  void close_delaysTheNextDialOnly_longerEachTime() {
    PeerLedger ledger = new PeerLedger(settings.deadlines());
    ledger.closed(peer(1), 0);
    assertThat(ledger.mayDial(peer(1), SECOND / 4)).isFalse();
    assertThat(ledger.mayDial(peer(1), SECOND / 2)).isTrue();
    ledger.closed(peer(1), SECOND);
    assertThat(ledger.mayDial(peer(1), SECOND + SECOND / 2)).isFalse();
    assertThat(ledger.mayDial(peer(1), 2 * SECOND)).isTrue();
    for (int i = 0; i < 100; i++) {
      ledger.closed(peer(1), 2 * SECOND);
    }
    assertThat(ledger.mayDial(peer(1), 32 * SECOND)).isTrue();
  }

  @Test
  void stallDeadline_followsTheMedianWithinItsBounds() {
    PeerLedger ledger = new PeerLedger(settings.deadlines());
    assertThat(ledger.stallNanos()).isEqualTo(30 * SECOND);
    for (int i = 0; i < 20; i++) {
      ledger.delivered(peer(1), SECOND);
    }
    assertThat(ledger.stallNanos()).isEqualTo(8 * SECOND);
    for (int i = 0; i < 100; i++) {
      ledger.delivered(peer(1), SECOND / 100);
    }
    assertThat(ledger.stallNanos()).isEqualTo(5 * SECOND);
    ledger.stalled(peer(1));
    assertThat(ledger.isSlow(peer(1))).isTrue();
    ledger.delivered(peer(1), SECOND);
    assertThat(ledger.isSlow(peer(1))).isFalse();
  }

  @Test
  void dials_seedsFirst_neverItself_withinBounds() {
    PeerLedger ledger = new PeerLedger(settings.deadlines());
    ConnectionChoice choice =
        new ConnectionChoice(settings.connections(), ledger, peer(9), List.of(peer(8), peer(9)));
    choice.heardOf(IntStream.range(10, 60).mapToObj(number -> Peer.ours(peer(number))).toList());
    choice.heardOf(List.of(Peer.ours(peer(9))));

    List<Peer> chosen = choice.toDial(0, 50, _ -> false, 0);
    assertThat(chosen).hasSize(16).doesNotContain(Peer.ours(peer(9)));
    assertThat(chosen.getFirst()).isEqualTo(Peer.ours(peer(8)));
    assertThat(choice.toDial(0, 1, _ -> false, 0)).hasSize(1);
    chosen.forEach(peer -> choice.dialled(peer.address()));
    assertThat(choice.toDial(0, 50, _ -> false, 0)).isEmpty();
    chosen.forEach(peer -> choice.dialEnded(peer.address()));
    assertThat(choice.toDial(0, 50, address -> address.equals(peer(8)), 0))
        .doesNotContain(Peer.ours(peer(8)));
  }

  @Test
  void dials_upToHalf_seedsUpToAll() {
    PeerLedger ledger = new PeerLedger(settings.deadlines());
    ConnectionChoice choice =
        new ConnectionChoice(settings.connections(), ledger, peer(9), List.of(peer(8)));
    choice.heardOf(IntStream.range(10, 60).mapToObj(number -> Peer.ours(peer(number))).toList());

    assertThat(choice.toDial(22, 50, address -> address.equals(peer(8)), 0)).hasSize(3);
    assertThat(choice.toDial(25, 50, _ -> false, 0)).containsExactly(Peer.ours(peer(8)));
    assertThat(choice.toDial(50, 50, _ -> false, 0)).isEmpty();
  }

  /** Else a blob whose proxy died starves: nobody would meet the one that took it over. */
  @Test
  void dials_whoAnotherTicketNames_asSeeds() {
    PeerLedger ledger = new PeerLedger(settings.deadlines());
    ConnectionChoice choice =
        new ConnectionChoice(settings.connections(), ledger, peer(9), List.of(peer(8)));
    choice.heardOf(List.of(Peer.ours(peer(7))));

    choice.met(List.of(peer(7), peer(9)));

    assertThat(choice.toDial(25, 50, address -> address.equals(peer(8)), 0))
        .containsExactly(Peer.ours(peer(7)));
  }

  @Test
  void ofTwoConnections_bothEndsKeepTheSame() {
    PeerId one = PeerId.random();
    PeerId other = PeerId.random();
    assertThat(ConnectionChoice.keepsOwnDial(one, other))
        .isNotEqualTo(ConnectionChoice.keepsOwnDial(other, one));
  }

  // ---- flights

  @Test
  void latePiece_isOfferedToASecondPeerOnly() {
    Flights flights = new Flights();
    PieceSet all = PieceSet.full(3);
    flights.started(0, 1, 0);
    flights.started(1, 1, SECOND);

    assertThat(flights.late(2, all, SECOND, 2 * SECOND)).isEqualTo(-1);
    assertThat(flights.late(2, all, 2 * SECOND, 2 * SECOND)).isZero();
    assertThat(flights.late(1, all, 9 * SECOND, SECOND)).isEqualTo(-1);
    flights.started(0, 2, 2 * SECOND);
    assertThat(flights.duplicates()).isEqualTo(1);
    assertThat(flights.late(3, all, 9 * SECOND, SECOND)).isEqualTo(1);
    assertThat(flights.ended(0, 1)).isFalse();
    assertThat(flights.duplicates()).isZero();
    assertThat(flights.landed(0)).containsExactly(2L);
    assertThat(flights.peerGone(1)).containsExactly(1);
    assertThat(flights.size()).isZero();
  }
}
