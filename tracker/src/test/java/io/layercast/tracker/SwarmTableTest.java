package io.layercast.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.engine.SwarmId;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SwarmTableTest {
  private static final SwarmId ONE = id(1);
  private static final SwarmId TWO = id(2);
  private static final SwarmId ALIAS = id(9);

  private final SwarmTable table =
      table("limits { swarms = 2, peers-per-swarm = 3, peers-per-address = 2, entries = 5 }");

  @Test
  void announce_listsAndCounts() {
    announce(1, ONE, 100, Event.STARTED, 0);
    announce(2, ONE, 0, Event.NONE, 0);

    assertThat(table.counts(ONE)).isEqualTo(new SwarmTable.Counts(1, 1, 0));
    announce(1, ONE, 0, Event.COMPLETED, 1);
    announce(1, ONE, 0, Event.COMPLETED, 2);
    assertThat(table.counts(ONE)).isEqualTo(new SwarmTable.Counts(2, 0, 1));
  }

  @Test
  void announce_stopped_takesOut() {
    announce(1, ONE, 0, Event.NONE, 0);
    announce(1, ONE, 0, Event.STOPPED, 0);

    assertThat(table.counts(ONE)).isEqualTo(new SwarmTable.Counts(0, 0, 0));
    assertThat(table.swarmCount()).isZero();
    assertThat(table.entryCount()).isZero();
  }

  @Test
  void expire_forgetsTheSilentAndKeepsWhoAnnounces() {
    announce(1, ONE, 0, Event.NONE, 0);
    announce(2, ONE, 5, Event.NONE, 0);
    announce(1, ONE, 0, Event.NONE, 50);
    table.expire(TimeUnit.SECONDS.toNanos(76));

    assertThat(table.counts(ONE)).isEqualTo(new SwarmTable.Counts(1, 0, 0));
    table.expire(TimeUnit.SECONDS.toNanos(126));
    assertThat(table.swarmCount()).isZero();
  }

  @Test
  void expire_waitsLongerForStandardClients() {
    table.announce(who(1), ONE, Optional.of(ALIAS), 5, Event.STARTED, 0);
    table.expire(TimeUnit.SECONDS.toNanos(700));
    assertThat(table.entryCount()).isEqualTo(1);

    table.expire(TimeUnit.SECONDS.toNanos(751));
    assertThat(table.entryCount()).isZero();
  }

  @Test
  void sweep_forgetsWhatAnInventoryDidNotName() {
    announce(1, ONE, 0, Event.NONE, 0);
    announce(1, TWO, 0, Event.NONE, 0);
    announce(2, ONE, 0, Event.NONE, 0);
    announce(1, TWO, 0, Event.NONE, 10);
    table.sweep(who(1), TimeUnit.SECONDS.toNanos(10));

    assertThat(table.counts(ONE).complete()).isEqualTo(1);
    assertThat(table.counts(TWO).complete()).isEqualTo(1);
    assertThat(table.entryCount()).isEqualTo(2);
  }

  @Test
  void announceAndSweep_byAnyoneAtTheAddressOfOneVouchedFor_changeNothing() {
    SwarmTable.Who proxy = new SwarmTable.Who(who(1).address(), new byte[20], true, true, true);
    table.announce(proxy, ONE, Optional.empty(), 0, Event.NONE, 0);
    table.sweep(who(1), 10);
    assertThat(announce(1, ONE, 5, Event.NONE, 1)).isFalse();
    announce(1, ONE, 5, Event.STOPPED, 1);
    assertThat(announce(1, TWO, 5, Event.STARTED, 1)).isFalse();
    assertThat(table.counts(ONE)).isEqualTo(new SwarmTable.Counts(1, 0, 0));
    assertThat(table.counts(TWO)).isEqualTo(new SwarmTable.Counts(0, 0, 0));

    table.expire(TimeUnit.SECONDS.toNanos(76));
    assertThat(announce(1, TWO, 5, Event.STARTED, 77)).as("after it is gone").isTrue();
  }

  @Test
  void announce_beyondABound_isNotListed() {
    announce(1, ONE, 5, Event.NONE, 0);
    announce(2, TWO, 5, Event.NONE, 0);
    assertThat(announce(3, id(3), 5, Event.NONE, 0)).as("a third swarm").isFalse();
    announce(3, ONE, 5, Event.NONE, 0);
    announce(4, ONE, 5, Event.NONE, 0);
    assertThat(announce(5, ONE, 5, Event.NONE, 0)).as("a fourth peer").isFalse();
    assertThat(table.handout(who(5), ONE, Optional.empty(), false, 50)).hasSize(3);
    announce(2, TWO, 0, Event.NONE, 0);
    announce(3, TWO, 0, Event.NONE, 0);
    assertThat(announce(4, TWO, 0, Event.NONE, 0)).as("a sixth entry").isFalse();
  }

  @Test
  void announce_ofManyPortsAtOneAddress_isBounded() {
    for (int port = 1; port <= 3; port++) {
      SwarmTable.Who who =
          new SwarmTable.Who(
              new PeerAddress(new byte[] {10, 0, 0, 1}, port), new byte[20], false, true);
      assertThat(table.announce(who, ONE, Optional.empty(), 1, Event.NONE, 0)).isEqualTo(port <= 2);
    }
  }

  @Test
  void handout_marksStandardClients() {
    announce(1, ONE, 5, Event.NONE, 0);
    table.announce(who(2), ONE, Optional.of(ALIAS), 5, Event.STARTED, 0);
    List<Swarm.Entry> chosen = table.handout(who(1), ONE, Optional.empty(), false, 50);
    Handout handout = Handout.of(chosen, table.counts(ONE), false, true, false);

    assertThat(handout.peers()).isEmpty();
    assertThat(handout.foreign()).hasSize(1);
    assertThat(handout.foreign().getFirst().alias()).isEqualTo(ALIAS.toBytes());
    assertThat(handout.foreign().getFirst().address()).isEqualTo(who(2).address());
  }

  @Test
  void aliases_expireAndAreBounded() {
    AliasTable aliases = new AliasTable(1);
    assertThat(aliases.put(ALIAS, ONE, 10)).isTrue();
    assertThat(aliases.put(id(8), ONE, 10)).isFalse();
    assertThat(aliases.put(ALIAS, TWO, 20)).as("prolonged").isTrue();
    assertThat(aliases.resolve(ALIAS, 19)).contains(TWO);
    assertThat(aliases.resolve(ALIAS, 20)).isEmpty();
    aliases.expire(20);
    assertThat(aliases.put(id(8), ONE, 30)).isTrue();
  }

  private boolean announce(int host, SwarmId id, long left, Event event, long atSeconds) {
    return table.announce(
        who(host), id, Optional.empty(), left, event, TimeUnit.SECONDS.toNanos(atSeconds));
  }

  private static SwarmTable table(String limits) {
    return new SwarmTable(TestSettings.with(limits), new HandoutPolicy(2, 0.5, new Random(1)));
  }

  private static SwarmTable.Who who(int host) {
    return new SwarmTable.Who(
        new PeerAddress(new byte[] {127, 0, 0, (byte) host}, 6881), new byte[20], false, true);
  }

  private static SwarmId id(int first) {
    byte[] id = new byte[SwarmId.BYTES];
    id[0] = (byte) first;
    return SwarmId.of(id);
  }
}
