package io.layercast.registry;

import io.layercast.engine.LayerTicket;
import io.layercast.engine.LiveBlob;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Makes {@code .torrent} files for standard clients. Wired to the swarm module. */
@FunctionalInterface
public interface Torrents {
  /**
   * A torrent of a sealed blob that is whole on this node, good until {@code expiry}, its alias
   * known to the tracker; empty when none can be made now.
   */
  CompletionStage<Optional<byte[]>> torrentFor(LiveBlob blob, LayerTicket ticket, Instant expiry);
}
