package io.layercast.swarm;

import io.layercast.engine.PeerDirectory;
import io.layercast.engine.SwarmId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Hands out what the test put in, at once. */
final class FakePeerDirectory implements PeerDirectory {
  private final List<Peer> handout;
  private final Map<SwarmId, SwarmId> aliases = new ConcurrentHashMap<>();

  FakePeerDirectory(Peer... handout) {
    this.handout = List.of(handout);
  }

  @Override
  public Membership join(SwarmId swarm, Supplier<Holding> holding, Consumer<List<Peer>> onPeers) {
    onPeers.accept(handout);
    return new Membership() {
      @Override
      public void changed() {}

      @Override
      public void wantPeers() {
        onPeers.accept(handout);
      }

      @Override
      public void leave() {}
    };
  }

  @Override
  public CompletionStage<Void> alias(SwarmId alias, SwarmId swarm, Instant expiry) {
    aliases.put(alias, swarm);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Optional<SwarmId>> resolve(SwarmId alias) {
    return CompletableFuture.completedStage(Optional.ofNullable(aliases.get(alias)));
  }
}
