package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.layercast.engine.PeerDirectory;
import io.layercast.engine.SwarmId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class AliasesTest {
  private final SlowDirectory directory = new SlowDirectory();
  private long now = 5;
  private final Aliases aliases =
      new Aliases(directory, SwarmSettings.from(ConfigFactory.load()), () -> now);

  @Test
  void resolve_ofManyMadeUpOnes_asksForSoManyASecond() {
    for (int i = 0; i < 1_000; i++) {
      var _ = resolve(i);
    }
    assertThat(directory.asked).hasSize(40);
    assertThat(resolve(1_000)).isCompletedWithValue(Optional.empty());

    now += TimeUnit.SECONDS.toNanos(1);
    for (int i = 2_000; i < 3_000; i++) {
      var _ = resolve(i);
    }
    assertThat(directory.asked).hasSize(60);
  }

  @Test
  void resolve_ofOneThatWasTurnedAway_isAskedLater() {
    for (int i = 0; i < 41; i++) {
      var _ = resolve(i);
    }
    now += TimeUnit.SECONDS.toNanos(1);
    var _ = resolve(40);
    directory.answer(40, Optional.of(TestSwarm.ID));

    assertThat(resolve(40)).isCompletedWithValue(Optional.of(TestSwarm.ID));
  }

  @Test
  void resolve_ofTheSame_isAskedOnce_andAnswersAll() {
    CompletableFuture<Optional<SwarmId>> one = resolve(1);
    CompletableFuture<Optional<SwarmId>> other = resolve(1);
    directory.answer(0, Optional.of(TestSwarm.ID));

    assertThat(one).isCompletedWithValue(Optional.of(TestSwarm.ID));
    assertThat(other).isCompletedWithValue(Optional.of(TestSwarm.ID));
    assertThat(resolve(1)).isCompletedWithValue(Optional.of(TestSwarm.ID));
    assertThat(directory.asked).hasSize(1);
  }

  @Test
  void resolve_thatFailed_isEmptyAndAskedAgain() {
    CompletableFuture<Optional<SwarmId>> failed = resolve(1);
    directory.asked.getFirst().completeExceptionally(new IllegalStateException("silent"));
    assertThat(failed).isCompletedWithValue(Optional.empty());
    var _ = resolve(1);

    assertThat(directory.asked).hasSize(2);
  }

  private CompletableFuture<Optional<SwarmId>> resolve(int name) {
    byte[] id = ByteBuffer.allocate(SwarmId.BYTES).putInt(name).array();
    return aliases.resolve(SwarmId.of(id)).toCompletableFuture();
  }

  /** Answers when the test says so. */
  private static final class SlowDirectory implements PeerDirectory {
    final List<CompletableFuture<Optional<SwarmId>>> asked = new ArrayList<>();

    void answer(int index, Optional<SwarmId> swarm) {
      asked.get(index).complete(swarm);
    }

    @Override
    public CompletionStage<Optional<SwarmId>> resolve(SwarmId alias) {
      asked.add(new CompletableFuture<>());
      return asked.getLast();
    }

    @Override
    public Membership join(SwarmId swarm, Supplier<Holding> holding, Consumer<List<Peer>> onPeers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> alias(SwarmId alias, SwarmId swarm, Instant expiry) {
      throw new UnsupportedOperationException();
    }
  }
}
