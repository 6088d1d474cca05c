package io.layercast.bootstrap.node;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.layercast.engine.Digest;
import io.layercast.engine.LayerTicket;
import io.layercast.engine.LiveBlob;
import io.layercast.engine.PeerDirectory;
import io.layercast.engine.PieceLayout;
import io.layercast.engine.SwarmKeys;
import io.layercast.registry.Torrents;
import io.layercast.swarm.wire.Metainfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Makes the {@code .torrent} of a sealed blob: hashes it anew with SHA-1, which the first time
 * reads it whole, and registers the info hash as an alias of its swarm.
 */
final class TorrentMaker implements Torrents {
  /** Hash lists kept: 20 KiB each for a blob of 1 GiB. */
  private static final int MAX_HASH_LISTS = 256;

  private static final int SHA1_BYTES = 20;
  private static final int SECRET_BYTES = 20;

  private final SwarmKeys keys;
  private final PeerDirectory directory;
  private final Executor disk;
  private final List<String> trackers;
  private final Cache<Digest, byte[]> hashLists =
      Caffeine.newBuilder().maximumSize(MAX_HASH_LISTS).build();

  /**
   * @param trackers {@code host:port} as standard clients reach them; empty: none can be made
   */
  TorrentMaker(SwarmKeys keys, PeerDirectory directory, Executor disk, List<String> trackers) {
    this.keys = keys;
    this.directory = directory;
    this.disk = disk;
    this.trackers = List.copyOf(trackers);
  }

  @Override
  public CompletionStage<Optional<byte[]>> torrentFor(
      LiveBlob blob, LayerTicket ticket, Instant expiry) {
    if (trackers.isEmpty()) {
      return CompletableFuture.completedStage(Optional.empty());
    }
    return CompletableFuture.supplyAsync(() -> hashes(blob), disk)
        .thenCompose(hashes -> {
          Metainfo torrent =
              new Metainfo(
                  "http://" + trackers.getFirst() + "/announce",
                  ticket.digest().hex(),
                  ticket.layout(),
                  hashes,
                  secret(ticket, expiry));
          return directory
              .alias(torrent.infoHash(), ticket.swarmId(), expiry)
              .thenApply(_ -> Optional.of(torrent.encode()));
        });
  }

  /** The same for the same expiry, so that every proxy makes the same torrent. */
  private byte[] secret(LayerTicket ticket, Instant expiry) {
    byte[] digest = ticket.digest().toString().getBytes(StandardCharsets.US_ASCII);
    byte[] rest =
        ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
            .putInt(ticket.generation())
            .putLong(expiry.getEpochSecond())
            .array();
    return Arrays.copyOf(keys.hmac("torrent-secret", digest, rest), SECRET_BYTES);
  }

  private byte[] hashes(LiveBlob blob) {
    byte[] known = hashLists.getIfPresent(blob.digest());
    if (known != null) {
      return known;
    }
    try {
      byte[] hashes = hash(blob);
      hashLists.put(blob.digest(), hashes);
      return hashes;
    } catch (IOException e) {
      throw new UncheckedIOException("tried to hash " + blob.digest() + " for a torrent", e);
    }
  }

  private static byte[] hash(LiveBlob blob) throws IOException {
    PieceLayout layout = blob.layout();
    MessageDigest sha1 = Metainfo.sha1();
    ByteBuffer piece = ByteBuffer.allocate(layout.pieceBytes());
    byte[] hashes = new byte[SHA1_BYTES * layout.pieceCount()];
    for (int i = 0; i < layout.pieceCount(); i++) {
      blob.read(i, 0, piece.clear().limit(layout.lengthOf(i)));
      sha1.update(piece);
      System.arraycopy(sha1.digest(), 0, hashes, i * SHA1_BYTES, SHA1_BYTES);
    }
    return hashes;
  }
}
