package io.layercast.registry;

import io.layercast.engine.Digest;
import io.layercast.engine.LayerNews;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.ProxyLayers;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The only way to a layer on a proxy: nobody comes past without the origin's consent, be it one
 * still believed, a HEAD, another proxy's permit, or the answer to the ingest's own first GET.
 */
final class LayerDoor {
  /** {@link ProxyLayers#open}, as far as it is needed here. */
  @FunctionalInterface
  interface Opener {
    CompletionStage<ProxyLayers.Opened> open(
        OriginAccess access,
        Digest digest,
        OptionalLong knownSize,
        boolean granted,
        Optional<LayerNews.PieceKnown> held);
  }

  private final Authorizer authorizer;
  private final Opener layers;

  LayerDoor(Authorizer authorizer, Opener layers) {
    this.authorizer = authorizer;
    this.layers = layers;
  }

  /**
   * Opens a layer for a caller; never answers {@code NeedsConsent}, never fails.
   *
   * @param isPermitted whether another proxy vouches for the origin's consent
   * @param held a piece that the caller's node says it holds
   */
  CompletionStage<ProxyLayers.Opened> open(
      OriginAccess access,
      Digest digest,
      boolean isPermitted,
      Optional<LayerNews.PieceKnown> held) {
    OptionalLong size = authorizer.size(access, digest);
    if (isPermitted || authorizer.isGranted(access, digest)) {
      return openGranted(access, digest, size, held);
    }
    return layers
        .open(access, digest, size, false, held)
        .thenCompose(opened ->
            switch (opened) {
              case ProxyLayers.NeedsConsent _ -> askThenOpen(access, digest, held);
              case ProxyLayers.Here here -> {
                long sizeBytes = here.ticket().layout().sizeBytes();
                authorizer.granted(access, digest, OptionalLong.of(sizeBytes));
                yield done(opened);
              }
              case ProxyLayers.Elsewhere _ -> {
                authorizer.granted(access, digest, size);
                yield done(opened);
              }
              case ProxyLayers.Refused(var refusal) -> {
                authorizer.refused(access, digest, refusal);
                yield done(opened);
              }
              case ProxyLayers.Relayed(OptionalLong sizeBytes) -> {
                authorizer.granted(access, digest, sizeBytes);
                yield done(opened);
              }
              case ProxyLayers.Unavailable _ -> done(opened);
            });
  }

  private CompletionStage<ProxyLayers.Opened> askThenOpen(
      OriginAccess access, Digest digest, Optional<LayerNews.PieceKnown> held) {
    return authorizer
        .consent(access, digest)
        .thenCompose(consent ->
            switch (consent) {
              case Authorizer.Granted(OptionalLong size) -> openGranted(access, digest, size, held);
              case Authorizer.Refused(var refusal) -> done(new ProxyLayers.Refused(refusal));
              case Authorizer.Unavailable(String cause) -> done(new ProxyLayers.Unavailable(cause));
            });
  }

  /** The origin may have changed its mind, which shows when it is asked for the bytes. */
  private CompletionStage<ProxyLayers.Opened> openGranted(
      OriginAccess access, Digest digest, OptionalLong size, Optional<LayerNews.PieceKnown> held) {
    return layers
        .open(access, digest, size, true, held)
        .thenApply(opened -> {
          if (opened instanceof ProxyLayers.Refused(var refusal)) {
            authorizer.refused(access, digest, refusal);
          }
          return opened instanceof ProxyLayers.NeedsConsent
              ? new ProxyLayers.Unavailable("a granted caller was asked for consent")
              : opened;
        });
  }

  private static CompletionStage<ProxyLayers.Opened> done(ProxyLayers.Opened opened) {
    return CompletableFuture.completedFuture(opened);
  }
}
