package io.layercast.swarm;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.layercast.engine.PeerDirectory;
import io.layercast.engine.SwarmId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What info hashes of {@code .torrent} files stand for, asked of the directory and remembered. */
final class Aliases {
  private static final Logger LOG = LoggerFactory.getLogger(Aliases.class);

  private final PeerDirectory directory;
  private final Cache<SwarmId, SwarmId> known;
  private final Cache<SwarmId, Boolean> unknown;

  Aliases(PeerDirectory directory, SwarmSettings settings) {
    this.directory = directory;
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
    return directory
        .resolve(alias)
        .handle((answer, failure) -> {
          if (failure != null) {
            LOG.debug("Could not ask what {} stands for", alias, failure);
            return Optional.empty();
          }
          answer.ifPresentOrElse(
              id -> known.put(alias, id), () -> unknown.put(alias, Boolean.TRUE));
          return answer;
        });
  }
}
