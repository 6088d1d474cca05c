package io.layercast.swarm;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.layercast.engine.PeerDirectory;
import io.layercast.engine.SwarmId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What info hashes of {@code .torrent} files stand for, asked of the directory and remembered.
 * Strangers make them up as they like, so that the directory is not asked for more than so many.
 * Thread-safe.
 */
final class Aliases {
  private static final Logger LOG = LoggerFactory.getLogger(Aliases.class);

  /** Of a node. A thousand nodes under attack are 20,000 look-ups, which a tracker bears. */
  private static final int ASKS_PER_SECOND = 20;

  private final PeerDirectory directory;
  private final LongSupplier nanoClock;
  private final AskBudget budget;
  private final ConcurrentMap<SwarmId, CompletableFuture<Optional<SwarmId>>> asking =
      new ConcurrentHashMap<>();
  private final Cache<SwarmId, SwarmId> known;
  private final Cache<SwarmId, Boolean> unknown;

  Aliases(PeerDirectory directory, SwarmSettings settings, LongSupplier nanoClock) {
    this.directory = directory;
    this.nanoClock = nanoClock;
    this.budget = new AskBudget(ASKS_PER_SECOND, nanoClock.getAsLong());
    int size = settings.connections().aliasCacheSize();
    this.known =
        Caffeine.newBuilder()
            .maximumSize(size)
            .expireAfterWrite(settings.deadlines().aliasKnown())
            .build();
    this.unknown =
        Caffeine.newBuilder()
            .maximumSize(size)
            .expireAfterWrite(settings.deadlines().aliasUnknown())
            .build();
  }

  /** The swarm the alias stands for; empty also when nobody could be asked. Never fails. */
  CompletionStage<Optional<SwarmId>> resolve(SwarmId alias) {
    SwarmId swarm = known.getIfPresent(alias);
    if (swarm != null || unknown.getIfPresent(alias) != null) {
      return CompletableFuture.completedStage(Optional.ofNullable(swarm));
    }
    CompletableFuture<Optional<SwarmId>> answer = new CompletableFuture<>();
    CompletableFuture<Optional<SwarmId>> asked = asking.putIfAbsent(alias, answer);
    if (asked != null) {
      return asked;
    }
    if (mayAsk()) {
      ask(alias, answer);
    } else {
      LOG.debug("Does not ask what {} stands for: too many strangers", alias);
      end(alias, answer, Optional.empty());
    }
    return answer;
  }

  private boolean mayAsk() {
    synchronized (budget) {
      return budget.spend(nanoClock.getAsLong());
    }
  }

  private void ask(SwarmId alias, CompletableFuture<Optional<SwarmId>> answer) {
    var _ =
        directory
            .resolve(alias)
            .whenComplete((found, failure) -> {
              if (failure != null) {
                LOG.debug("Could not ask what {} stands for", alias, failure);
                end(alias, answer, Optional.empty());
                return;
              }
              found.ifPresentOrElse(
                  id -> known.put(alias, id), () -> unknown.put(alias, Boolean.TRUE));
              end(alias, answer, found);
            });
  }

  private void end(
      SwarmId alias, CompletableFuture<Optional<SwarmId>> answer, Optional<SwarmId> found) {
    asking.remove(alias, answer);
    answer.complete(found);
  }
}
