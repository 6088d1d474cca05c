package io.layercast.swarm.wire;

import io.layercast.engine.PieceLayout;
import io.layercast.engine.SwarmId;
import io.layercast.engine.bencode.Bencode;
import io.layercast.engine.bencode.BencodeException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * A {@code .torrent} of one file (BEP 3) with the private flag (BEP 27).
 *
 * <pre>
 * d
 *   announce: tracker URL
 *   info: d length, name, piece length, pieces (20 bytes of SHA-1 each), private: 1,
 *           lc: the alias' own secret   e
 * e
 * </pre>
 *
 * The secret in the info dictionary makes the info hash unguessable: who knows it was given this
 * file.
 *
 * @param pieces the SHA-1 of each piece, one after the other
 * @param secret at least 16 random bytes in what we make; empty when another client made it
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content
public record Metainfo(
    String announce, String name, PieceLayout layout, byte[] pieces, byte[] secret) {
  /** The longest file that is parsed. */
  public static final int MAX_BYTES = 8 * 1024 * 1024;

  private static final int SHA1_BYTES = 20;

  /**
   * @throws IllegalArgumentException when the number of hashes is not the number of pieces
   */
  public Metainfo {
    if (pieces.length != (long) SHA1_BYTES * layout.pieceCount()) {
      throw new IllegalArgumentException(
          "%d bytes of hashes for %d pieces".formatted(pieces.length, layout.pieceCount()));
    }
  }

  /** The file. */
  public byte[] encode() {
    return Bencode.encode(Bencode.dict().put("announce", announce).put("info", info()).build());
  }

  /** What names this torrent to trackers and peers: the SHA-1 of the info dictionary. */
  public SwarmId infoHash() {
    return SwarmId.of(sha1().digest(Bencode.encode(info())));
  }

  /** A hasher for {@link #pieces}. */
  public static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  /**
   * @throws WireException when it is no torrent such as {@link #encode} makes: anything more in the
   *     info dictionary would be lost, and {@link #infoHash} another
   */
  public static Metainfo decode(byte[] file) throws WireException {
    if (file.length > MAX_BYTES) {
      throw new WireException("a torrent of " + file.length + " bytes");
    }
    try {
      Bencode.Dict all = Bencode.decodeDict(file);
      Bencode.Dict info = need(all.dict("info"), "info");
      long pieceBytes = need(info.integer("piece length"), "piece length");
      PieceLayout layout =
          new PieceLayout(need(info.integer("length"), "length"), Math.toIntExact(pieceBytes));
      Metainfo metainfo =
          new Metainfo(
              all.text("announce").orElse(""),
              need(info.text("name"), "name"),
              layout,
              need(info.bytes("pieces"), "pieces"),
              info.bytes("lc").orElse(new byte[0]));
      if (!info.equals(metainfo.info())) {
        throw new WireException("an info dictionary with more than ours holds");
      }
      return metainfo;
    } catch (BencodeException | IllegalArgumentException | ArithmeticException e) {
      throw new WireException("not a torrent we can use: " + e.getMessage(), e);
    }
  }

  private Bencode.Dict info() {
    Bencode.DictBuilder info =
        Bencode.dict()
            .put("length", layout.sizeBytes())
            .put("name", name)
            .put("piece length", layout.pieceBytes())
            .put("pieces", pieces)
            .put("private", 1);
    if (secret.length > 0) {
      info.put("lc", secret);
    }
    return info.build();
  }

  private static <T> T need(Optional<T> value, String key) throws WireException {
    return value.orElseThrow(() -> new WireException("a torrent without " + key));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Metainfo that
        && announce.equals(that.announce)
        && name.equals(that.name)
        && layout.equals(that.layout)
        && Arrays.equals(pieces, that.pieces)
        && Arrays.equals(secret, that.secret);
  }

  @Override
  public int hashCode() {
    return Objects.hash(announce, name, layout);
  }

  @Override
  public String toString() {
    return "Metainfo[" + name + ", " + layout + "]";
  }
}
