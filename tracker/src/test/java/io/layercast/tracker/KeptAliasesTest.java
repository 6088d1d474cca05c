package io.layercast.tracker;

import static io.layercast.tracker.TestCluster.random;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeptAliasesTest {
  private static final Instant EXPIRY = Instant.ofEpochSecond(2_000);
  private static final Instant BEFORE = Instant.ofEpochSecond(1_000);

  private final IOException silent = new IOException("nobody answers");
  private final IOException refused = new TrackerHttp.Refusal("409");
  private final KeptAliases aliases = new KeptAliases();

  @Test
  void next_givesAFewAtATime_andOneMoreAsOneEnds() {
    IntStream.range(0, 20).forEach(this::ask);
    List<KeptAliases.Kept> underWay = allDue();
    assertThat(underWay).hasSize(KeptAliases.MOST_UNDER_WAY);

    aliases.taken(underWay.getFirst(), "one");
    assertThat(allDue()).hasSize(1);
    aliases.notTaken(underWay.getLast(), silent);
    assertThat(allDue()).hasSize(1);
  }

  @Test
  void answered_byAnotherTracker_registersAllAgain() {
    takeAll(20, "one");
    aliases.answered("one", BEFORE);
    assertThat(allDue()).isEmpty();

    aliases.answered("two", BEFORE);
    assertThat(takenInTurn("two")).isEqualTo(20);
    aliases.answered("two", BEFORE);
    assertThat(allDue()).isEmpty();
  }

  @Test
  void notTaken_ofOneThatWasTaken_isRetried_andNobodyIsAskedInBetween() {
    takeAll(20, "one");
    aliases.answered("two", BEFORE);
    List<KeptAliases.Kept> underWay = allDue();
    underWay.forEach(kept -> aliases.notTaken(kept, silent));
    assertThat(allDue()).isEmpty();

    aliases.retry();
    assertThat(takenInTurn("two")).isEqualTo(20);
  }

  @Test
  void notTaken_asTheTrackerRefusedIt_doesNotHoldUpTheOthers() {
    takeAll(20, "one");
    aliases.answered("two", BEFORE);
    aliases.notTaken(aliases.next().orElseThrow(), refused);

    assertThat(takenInTurn("two")).isEqualTo(19);
  }

  @Test
  void notTaken_theFirstTime_tellsItsMaker_whoTriesAgain() {
    CompletableFuture<Void> taken = keep(1);
    aliases.notTaken(aliases.next().orElseThrow(), silent);
    assertThat(taken).isCompletedExceptionally();
    aliases.retry();
    aliases.answered("two", BEFORE);
    assertThat(aliases.next()).isEmpty();

    CompletableFuture<Void> again = keep(1);
    aliases.taken(aliases.next().orElseThrow(), "two");
    assertThat(again).isCompleted();
  }

  @Test
  void keep_ofOneThatIsKept_doesNotLoseItWhenItFails() {
    takeAll(1, "one");
    CompletableFuture<Void> again = keep(0);
    aliases.notTaken(aliases.next().orElseThrow(), silent);
    assertThat(again).isCompletedExceptionally();

    aliases.answered("two", BEFORE);
    assertThat(aliases.next()).isPresent();
  }

  @Test
  void keep_ofOneUnderWay_isOneRegistration() {
    CompletableFuture<Void> first = keep(1);
    KeptAliases.Kept kept = aliases.next().orElseThrow();
    CompletableFuture<Void> second = keep(1);
    assertThat(aliases.next()).isEmpty();

    aliases.taken(kept, "one");
    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
  }

  @Test
  void keep_goesBeforeWhatWasLost() {
    takeAll(20, "one");
    aliases.answered("two", BEFORE);
    ask(99);

    assertThat(aliases.next().orElseThrow().request.alias()).isEqualTo(random(99));
  }

  @Test
  void answered_forgetsWhatHasExpired() {
    takeAll(3, "one");
    aliases.answered("two", EXPIRY.plusSeconds(1));
    assertThat(aliases.next()).isEmpty();
  }

  private CompletableFuture<Void> keep(int name) {
    CompletableFuture<Void> taken = new CompletableFuture<>();
    aliases.keep(new AliasRequest(random(name), random(1_000), EXPIRY), "proof", taken);
    return taken;
  }

  private void ask(int name) {
    var _ = keep(name);
  }

  private void takeAll(int count, String trackerId) {
    IntStream.range(0, count).forEach(this::ask);
    assertThat(takenInTurn(trackerId)).isEqualTo(count);
  }

  private List<KeptAliases.Kept> allDue() {
    List<KeptAliases.Kept> due = new ArrayList<>();
    for (var next = aliases.next(); next.isPresent(); next = aliases.next()) {
      due.add(next.get());
    }
    return due;
  }

  /** Registers one after the other until none is due; how many these were. */
  private int takenInTurn(String trackerId) {
    int taken = 0;
    for (Optional<KeptAliases.Kept> due = aliases.next(); due.isPresent(); due = aliases.next()) {
      aliases.taken(due.get(), trackerId);
      taken++;
    }
    return taken;
  }
}
