package io.layercast.swarm;

import com.typesafe.config.Config;
import io.layercast.engine.PieceLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The keys of {@code layercast.swarm}, read once; what each does is told in this module's {@code
 * reference.conf}.
 *
 * @param tlsFolder the PEM files of TLS between peers, if they speak it
 */
public record SwarmSettings(
    Connections connections,
    Deadlines deadlines,
    Transfer transfer,
    Talk talk,
    Optional<Path> tlsFolder) {

  /** How many of what may be open. */
  public record Connections(
      int max,
      int maxPerBlob,
      int maxPerAddress,
      int maxHandshakes,
      int maxHandshakesPerAddress,
      int maxDialsPerBlob,
      int wantPeersBelow,
      int aliasCacheSize) {}

  /** How long what may take. */
  public record Deadlines(
      Duration connect,
      Duration handshake,
      Duration idle,
      Duration send,
      Duration useless,
      Duration seedTurn,
      Duration stallMin,
      Duration stallMax,
      int stallFactor,
      Duration redialMin,
      Duration redialMax,
      Duration avoidLiarFor,
      Duration haveDelay,
      Duration wantPeersInterval,
      Duration aliasKnown,
      Duration aliasUnknown) {}

  /** How bytes move. */
  public record Transfer(
      int blockBytes,
      int requestQueue,
      int uploadRunBytes,
      long sendBufferBytes,
      int uploadSlotsMin,
      int uploadSlotsMax,
      Duration uploadTurn,
      Duration uploadIdle,
      int piecesPerPeer,
      Duration requestAhead,
      int requestMinBytes,
      int requestMaxBytes,
      int readerWindow,
      Duration readerPatience,
      int endGameDuplicates) {
    /** What is read from the disk and handed to the kernel at once: two chunks, or a block. */
    int readBytes() {
      return Math.max(2 * PieceLayout.CHUNK_BYTES, blockBytes);
    }

    /** What an upload limit lets pass at once: a chunk, or a longer block. */
    int limitedBytes() {
      return Math.max(PieceLayout.CHUNK_BYTES, blockBytes);
    }

    /**
     * How long a peer may keep a slot and ask for nothing. Not less than the uplink takes for a
     * block, or slots of a slow one go round and round among peers that wait for others; but not
     * more than a turn.
     *
     * @param bytesPerSecond the upload limit, 0 for none
     */
    public Duration uploadIdle(long bytesPerSecond) {
      if (bytesPerSecond == 0) {
        return uploadIdle;
      }
      long blockNanos = TimeUnit.SECONDS.toNanos(limitedBytes()) / bytesPerSecond;
      long most = Math.max(uploadIdle.toNanos(), uploadTurn.toNanos());
      return Duration.ofNanos(Math.clamp(blockNanos, uploadIdle.toNanos(), most));
    }
  }

  /** How much a peer may say: messages, and the bytes of blocks that are worth one. */
  public record Talk(int burst, int perSecond, int bytesPerMessage) {}

  private static final String PATH = "layercast.swarm.";

  /**
   * @param root the whole configuration
   * @throws IllegalArgumentException naming the key when a value is out of its range
   */
  public static SwarmSettings from(Config root) {
    Reader read = new Reader(root);
    Connections connections =
        new Connections(
            read.integer("max-connections", 1, 100_000),
            read.integer("max-connections-per-blob", 1, 10_000),
            read.integer("max-connections-per-address", 1, 100_000),
            read.integer("max-handshakes", 1, 100_000),
            read.integer("max-handshakes-per-address", 1, 100_000),
            read.integer("max-dials-per-blob", 1, 1_000),
            read.integer("want-peers-below", 0, 10_000),
            read.integer("alias-cache-size", 1, 1_000_000));
    Deadlines deadlines =
        new Deadlines(
            read.duration("connect-timeout"),
            read.duration("handshake-timeout"),
            read.duration("idle-timeout"),
            read.duration("send-timeout"),
            read.duration("useless-timeout"),
            read.duration("seed-turn"),
            read.duration("stall-min"),
            read.duration("stall-max"),
            read.integer("stall-factor", 2, 1_000),
            read.duration("redial-min"),
            read.duration("redial-max"),
            read.duration("avoid-liar-for"),
            read.duration("have-delay"),
            read.duration("want-peers-interval"),
            read.duration("alias-cache-ttl"),
            read.duration("alias-unknown-ttl"));
    Transfer transfer =
        new Transfer(
            read.bytes("block-size", 16 * 1024, 1024 * 1024),
            read.integer("request-queue", 1, 100_000),
            read.bytes("upload-run", 16 * 1024, 16 * 1024 * 1024),
            read.bytes("send-buffers", PieceLayout.MAX_PIECE_BYTES, Integer.MAX_VALUE),
            read.integer("upload-slots-min", 1, 10_000),
            read.integer("upload-slots-max", 1, 10_000),
            read.duration("upload-turn"),
            read.duration("upload-idle"),
            read.integer("pieces-per-peer", 1, 64),
            read.duration("request-ahead"),
            read.bytes("request-min", 16 * 1024, 1 << 30),
            read.bytes("request-max", 16 * 1024, 1 << 30),
            read.integer("reader-window", 0, 10_000),
            read.duration("reader-patience"),
            read.integer("end-game-duplicates", 0, 1_000));
    Talk talk =
        new Talk(
            read.integer("talk-burst", 1_000, 100_000_000),
            read.integer("talk-rate", 10, 100_000_000),
            read.bytes("talk-bytes-per-message", 1, 1 << 30));
    Optional<Path> tlsFolder =
        Optional.of(root.getString(PATH + "tls-folder")).filter(f -> !f.isEmpty()).map(Path::of);
    return new SwarmSettings(connections, deadlines, transfer, talk, tlsFolder);
  }

  public SwarmSettings {
    ordered("stall-min", deadlines.stallMin, "stall-max", deadlines.stallMax);
    ordered("redial-min", deadlines.redialMin, "redial-max", deadlines.redialMax);
    if (transfer.uploadSlotsMin > transfer.uploadSlotsMax) {
      throw new IllegalArgumentException(
          PATH + "upload-slots-min is above " + PATH + "upload-slots-max");
    }
    if (transfer.requestMinBytes > transfer.requestMaxBytes) {
      throw new IllegalArgumentException(PATH + "request-min is above " + PATH + "request-max");
    }
  }

  private static void ordered(String lowKey, Duration low, String highKey, Duration high) {
    if (low.compareTo(high) > 0) {
      throw new IllegalArgumentException(PATH + lowKey + " is above " + PATH + highKey);
    }
  }

  /** Reads keys and names them when they are wrong. */
  private record Reader(Config root) {
    int integer(String key, int from, int to) {
      return within(key, root.getLong(PATH + key), from, to);
    }

    int bytes(String key, int from, int to) {
      return within(key, root.getBytes(PATH + key), from, to);
    }

    Duration duration(String key) {
      Duration value = root.getDuration(PATH + key);
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(PATH + key + " must be more than 0, is " + value);
      }
      return value;
    }

    private static int within(String key, long value, int from, int to) {
      if (value < from || value > to) {
        throw new IllegalArgumentException(
            "%s%s must be within %d and %d, is %d".formatted(PATH, key, from, to, value));
      }
      return (int) value;
    }
  }
}
