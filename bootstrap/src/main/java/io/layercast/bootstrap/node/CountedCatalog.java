package io.layercast.bootstrap.node;

import akka.Done;
import io.layercast.engine.Digest;
import io.layercast.engine.HeldPieces;
import io.layercast.engine.LayerCatalog;
import io.layercast.engine.LayerNews;
import io.layercast.engine.OriginAccess;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;

/** The proxies with the layer bytes counted that they send over HTTP. Thread-safe. */
final class CountedCatalog implements LayerCatalog {
  private final LayerCatalog catalog;
  private final LongAdder bytes = new LongAdder();

  CountedCatalog(LayerCatalog catalog) {
    this.catalog = catalog;
  }

  long bytes() {
    return bytes.sum();
  }

  @Override
  public CompletionStage<Opening> open(
      OriginAccess access, Digest digest, Optional<LayerNews.PieceKnown> held) {
    return catalog
        .open(access, digest, held)
        .thenApply(opening -> {
          if (opening instanceof Inline inline) {
            bytes.add(inline.bytes().size());
          }
          return opening;
        });
  }

  @Override
  public CompletionStage<Done> offer(OriginAccess access, Digest digest, HeldPieces held) {
    return catalog.offer(access, digest, held);
  }

  @Override
  public CompletionStage<Fetch> fetch(
      OriginAccess access, Digest digest, long from, OptionalLong to) {
    return catalog.fetch(access, digest, from, to).thenApply(this::counted);
  }

  private Fetch counted(Fetch fetch) {
    return switch (fetch) {
      case Fetched fetched ->
          new Fetched(
              fetched.from(),
              fetched.sizeBytes(),
              fetched
                  .body()
                  .map(chunk -> {
                    bytes.add(chunk.size());
                    return chunk;
                  }));
      case Refused _, Unavailable _ -> fetch;
    };
  }
}
