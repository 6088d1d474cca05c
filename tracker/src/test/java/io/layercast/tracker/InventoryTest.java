package io.layercast.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.layercast.engine.PeerDirectory.Holding;
import io.layercast.engine.SwarmId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InventoryTest {
  private static final SwarmId A = id(1);
  private static final SwarmId B = id(2);
  private static final Duration INTERVAL = Duration.ofSeconds(30);
  private static final long START = 1_000_000_007L;

  private final Map<SwarmId, Long> left = new HashMap<>(Map.of(A, 100L, B, 0L));
  private final Inventory inventory =
      new Inventory(
          TestSettings.with("announce-jitter = 0", "max-swarms-per-request = 3").client(),
          new Random(1),
          START);
  private long now = START;

  @Test
  void join_announcesAtOnceAndAllOfIt() {
    inventory.join(A, now);
    inventory.join(B, now);
    Inventory.Request request = next().orElseThrow();

    assertThat(request.full()).isTrue();
    assertThat(told(request)).containsExactly("1 STARTED 100 50", "2 STARTED 0 0");
    assertThat(next()).as("one under way").isEmpty();
    assertThat(inventory.wakeAtNanos(now)).isEmpty();
  }

  @Test
  void next_whereAHoldingThrows_isDueAgain_allOfIt() {
    inventory.join(A, now);
    inventory.join(B, now);
    assertThatThrownBy(() ->
            inventory.next(
                now,
                swarm -> {
                  if (swarm.equals(B)) {
                    throw new IllegalStateException("on purpose");
                  }
                  return new Holding(100, 0, 0);
                }))
        .hasMessage("on purpose");

    now = inventory.wakeAtNanos(now).orElseThrow();
    assertThat(told(next().orElseThrow())).containsExactly("1 STARTED 100 50", "2 STARTED 0 0");
  }

  @Test
  void changesWhileUnderWay_goTogetherRightAfter() {
    inventory.join(A, now);
    next();
    inventory.join(B, now);
    left.put(A, 0L);
    inventory.changed(A, now);
    answered("t1");
    Inventory.Request request = next().orElseThrow();

    assertThat(request.full()).isFalse();
    assertThat(told(request)).containsExactly("1 COMPLETED 0 0", "2 STARTED 0 0");
  }

  @Test
  void change_waitsForWhatCannot_orForALittle() {
    inventory.join(A, now);
    next();
    answered("t1");
    left.put(A, 0L);
    inventory.changed(A, now);
    long second = Duration.ofSeconds(1).toNanos();
    assertThat(next()).isEmpty();
    assertThat(inventory.wakeAtNanos(now)).isEqualTo(OptionalLong.of(now + second));
    inventory.join(B, now);
    assertThat(told(next().orElseThrow())).containsExactly("1 COMPLETED 0 0", "2 STARTED 0 0");
    answered("t1");

    left.put(A, 7L);
    inventory.changed(A, now);
    now += second;
    assertThat(told(next().orElseThrow())).containsExactly("1 NONE 7 0");
  }

  @Test
  void interval_bringsTheWholeInventory() {
    inventory.join(B, now);
    next();
    answered("t1");
    assertThat(next()).isEmpty();
    assertThat(inventory.wakeAtNanos(now)).isEqualTo(OptionalLong.of(now + INTERVAL.toNanos()));

    now += INTERVAL.toNanos();
    Inventory.Request request = next().orElseThrow();
    assertThat(request.full()).isTrue();
    assertThat(told(request)).containsExactly("2 NONE 0 0");
  }

  @Test
  void anotherTracker_bringsTheWholeInventoryAtOnce() {
    inventory.join(A, now);
    inventory.join(B, now);
    next();
    answered("t1");
    inventory.changed(A, now);
    now += Duration.ofSeconds(1).toNanos();
    next();
    answered("t2");

    Inventory.Request request = next().orElseThrow();
    assertThat(request.full()).isTrue();
    assertThat(request.reports()).hasSize(2);
    answered("t2");
    assertThat(next()).isEmpty();
  }

  @Test
  void leave_isToldAtOnce() {
    inventory.join(A, now);
    next();
    answered("t1");
    inventory.leave(A);

    assertThat(told(next().orElseThrow())).containsExactly("1 STOPPED 0 0");
    answered("t1");
    assertThat(next()).isEmpty();
    now += INTERVAL.toNanos();
    assertThat(next()).as("nothing to tell").isEmpty();
    assertThat(inventory.wakeAtNanos(now)).isEmpty();
  }

  @Test
  void leaveAndJoinWhileUnderWay_startsAgain() {
    inventory.join(A, now);
    next();
    inventory.leave(A);
    inventory.join(A, now);
    answered("t1");

    assertThat(told(next().orElseThrow())).containsExactly("1 STARTED 100 50");
  }

  @Test
  void wantPeers_isBoundedInRate() {
    inventory.join(A, now);
    next();
    answered("t1");
    inventory.wantPeers(A);
    assertThat(next()).isEmpty();
    assertThat(inventory.wakeAtNanos(now))
        .isEqualTo(OptionalLong.of(now + Duration.ofSeconds(2).toNanos()));

    now += Duration.ofSeconds(2).toNanos();
    assertThat(told(next().orElseThrow())).containsExactly("1 NONE 100 50");
  }

  @Test
  void failed_triesAllOfItAgainAfterALengtheningWait() {
    inventory.join(A, now);
    long previous = 0;
    for (int i = 0; i < 12; i++) {
      assertThat(told(next().orElseThrow())).containsExactly("1 STARTED 100 50");
      inventory.failed(now);
      long wait = inventory.wakeAtNanos(now).orElseThrow() - now;
      assertThat(Duration.ofNanos(wait)).isBetween(Duration.ofMillis(50), Duration.ofSeconds(15));
      assertThat(next()).isEmpty();
      previous = wait;
      now += wait;
    }
    assertThat(Duration.ofNanos(previous)).isGreaterThanOrEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void moreThanARequestHolds_goesInParts() {
    for (int i = 1; i <= 7; i++) {
      left.put(id(i), 0L);
      inventory.join(id(i), now);
    }
    int told = 0;
    for (Optional<Inventory.Request> part = next(); part.isPresent(); part = next()) {
      assertThat(part.get().full()).isFalse();
      assertThat(part.get().reports()).hasSizeLessThanOrEqualTo(3);
      told += part.get().reports().size();
      answered("t1");
    }
    // The first answer's tracker id is news, so the first part goes twice.
    assertThat(told).isEqualTo(10);
  }

  private Optional<Inventory.Request> next() {
    return inventory.next(now, swarm -> new Holding(left.getOrDefault(swarm, 0L), 0, 0));
  }

  private void answered(String trackerId) {
    inventory.answered(trackerId, INTERVAL, now);
  }

  private static List<String> told(Inventory.Request request) {
    return request.reports().stream()
        .map(report ->
            report.id()[0] + " " + report.event() + " " + report.left() + " " + report.want())
        .toList();
  }

  private static SwarmId id(int first) {
    byte[] id = new byte[SwarmId.BYTES];
    id[0] = (byte) first;
    return SwarmId.of(id);
  }
}
