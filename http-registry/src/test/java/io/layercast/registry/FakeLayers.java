package io.layercast.registry;

import akka.stream.Materializer;
import akka.stream.javadsl.Sink;
import akka.util.ByteString;
import io.layercast.engine.Digest;
import io.layercast.engine.LayerNews;
import io.layercast.engine.LayerTicket;
import io.layercast.engine.LiveBlob;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.OriginBlobs;
import io.layercast.engine.PieceHash;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.ProxyLayers;
import io.layercast.engine.Secret;
import io.layercast.engine.SwarmKeys;
import io.layercast.engine.store.BlobStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * The layers of one proxy without a cluster: a cold one is fetched whole with the caller's
 * credential, a known one asks for consent, as the sharded actor does.
 */
final class FakeLayers implements LayerDoor.Opener, AutoCloseable {
  static final SwarmKeys KEYS = new SwarmKeys(Secret.of(new byte[32]));

  private final BlobStore store;
  private final OriginBlobs origin;
  private final Materializer materializer;
  private final Executor disk;
  private final Map<Digest, ProxyLayers.Here> here = new ConcurrentHashMap<>();
  private final Map<Digest, LayerNews.PieceKnown> heldAtOpen = new ConcurrentHashMap<>();
  private final Map<Digest, String> elsewhere = new ConcurrentHashMap<>();
  private final Map<Digest, OptionalLong> relayed = new ConcurrentHashMap<>();

  FakeLayers(Path folder, OriginBlobs origin, Materializer materializer, Executor disk) {
    try {
      this.store = BlobStore.open(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.origin = origin;
    this.materializer = materializer;
    this.disk = disk;
  }

  /** A blob that this proxy has just begun and has nothing of. */
  LiveBlob begin(Digest digest, int sizeBytes) {
    PieceLayout layout = PieceLayout.forSize(sizeBytes);
    try {
      LiveBlob blob = LiveBlob.of(store.openOrCreate(digest, layout, 0), disk, false);
      here.put(digest, new ProxyLayers.Here(blob, ticket(digest, layout)));
      return blob;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The piece the last opener of the blob said to hold. */
  Optional<LayerNews.PieceKnown> heldAtOpen(Digest digest) {
    return Optional.ofNullable(heldAtOpen.get(digest));
  }

  /** From now on it is passed on and not kept. */
  void relay(Digest digest, OptionalLong sizeBytes) {
    relayed.put(digest, sizeBytes);
  }

  void moveTo(Digest digest, String api) {
    elsewhere.put(digest, api);
  }

  @Override
  public CompletionStage<ProxyLayers.Opened> open(
      OriginAccess access,
      Digest digest,
      OptionalLong knownSize,
      boolean granted,
      Optional<LayerNews.PieceKnown> held) {
    held.ifPresent(piece -> heldAtOpen.put(digest, piece));
    ProxyLayers.Here known = here.get(digest);
    String other = elsewhere.get(digest);
    if ((known != null || other != null) && !granted) {
      return done(new ProxyLayers.NeedsConsent());
    }
    if (other != null) {
      return done(new ProxyLayers.Elsewhere(other));
    }
    if (known != null) {
      return done(known);
    }
    OptionalLong passedOn = relayed.get(digest);
    if (granted && passedOn != null) {
      return done(new ProxyLayers.Relayed(passedOn));
    }
    return origin
        .fetch(access, digest, 0, OptionalLong.empty())
        .thenCompose(reply ->
            switch (reply) {
              case OriginBlobs.Bytes bytes when bytes.sizeBytes().isEmpty() -> {
                bytes.body().runWith(Sink.cancelled(), materializer);
                yield done(new ProxyLayers.Relayed(OptionalLong.empty()));
              }
              case OriginBlobs.Bytes bytes ->
                  bytes
                      .body()
                      .runFold(ByteString.emptyByteString(), ByteString::concat, materializer)
                      .thenApply(whole -> add(digest, whole.toArray()));
              case OriginBlobs.Refused(var refusal) -> done(new ProxyLayers.Refused(refusal));
              case OriginBlobs.Busy busy -> done(new ProxyLayers.Refused(busy.refusal()));
              case OriginBlobs.Broken(String cause) -> done(new ProxyLayers.Unavailable(cause));
            });
  }

  private ProxyLayers.Opened add(Digest digest, byte[] bytes) {
    PieceLayout layout = PieceLayout.forSize(bytes.length);
    try {
      LiveBlob blob = LiveBlob.of(store.openOrCreate(digest, layout, 0), disk, false);
      for (int piece = 0; piece < layout.pieceCount(); piece++) {
        int from = (int) layout.offsetOf(piece);
        byte[] part = Arrays.copyOfRange(bytes, from, from + layout.lengthOf(piece));
        PieceHash hash = PieceHash.of(PieceHash.hasher().digest(part));
        blob.learn(piece, KEYS.proof(digest, 0, piece, hash));
        blob.store(piece, ByteBuffer.wrap(part));
      }
      if (Digest.sha256Of(bytes).equals(digest)) {
        blob.seal();
      } else {
        blob.reject("its bytes are wrong");
      }
      ProxyLayers.Here found = new ProxyLayers.Here(blob, ticket(digest, layout));
      here.put(digest, found);
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static LayerTicket ticket(Digest digest, PieceLayout layout) {
    return new LayerTicket(
        digest,
        layout,
        0,
        KEYS.id(digest, 0),
        KEYS.secret(digest, 0),
        List.of(new HostAndPort("127.0.0.1", 6882).toSocketAddress()));
  }

  @Override
  public void close() {
    here.values().forEach(found -> found.blob().close());
    try {
      store.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CompletionStage<ProxyLayers.Opened> done(ProxyLayers.Opened opened) {
    return CompletableFuture.completedFuture(opened);
  }
}
