package io.layercast.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Everything that is derived from the cluster key, which proxies and trackers share and agents do
 * not have. Each use has a label of its own, so that no value can stand in for another.
 *
 * <pre>
 * id     = name(12) ‖ seal(8);  name = HMAC("swarm-name", digest ‖ generation)[0..12)
 *                               seal = HMAC("swarm-seal", name)[0..8)
 * secret = HMAC("swarm-secret", digest ‖ generation)            32 bytes
 * mac    = HMAC("piece", digest ‖ generation ‖ index ‖ hash)[0..16)
 * </pre>
 *
 * HMAC is HMAC-SHA-256 (RFC 2104) with the cluster key over {@code label ‖ 0 ‖ parts}, integers
 * big-endian.
 *
 * <p>While the key is rotated two hold: the first makes, what either made is genuine.
 */
public final class SwarmKeys {
  /** The least a cluster key may hold. */
  public static final int MIN_KEY_BYTES = 32;

  private static final int MAC_BYTES = 32;
  private static final int NAME_BYTES = 12;
  private static final int SEAL_BYTES = SwarmId.BYTES - NAME_BYTES;

  /** The keys that hold at one time. */
  public static final class Held {
    private final List<SecretKeySpec> keys;

    private Held(List<SecretKeySpec> keys) {
      this.keys = keys;
    }

    /**
     * @param first makes
     * @param second is accepted too
     * @throws IllegalArgumentException when one is shorter than 32 bytes
     */
    public static Held of(Secret first, Optional<Secret> second) {
      return new Held(Stream.concat(Stream.of(first), second.stream()).map(Held::key).toList());
    }

    private static SecretKeySpec key(Secret key) {
      byte[] bytes = key.toBytes();
      if (bytes.length < MIN_KEY_BYTES) {
        throw new IllegalArgumentException(
            "the cluster key has %d bytes, needs %d".formatted(bytes.length, MIN_KEY_BYTES));
      }
      return new SecretKeySpec(bytes, "HmacSHA256");
    }
  }

  private final Supplier<Held> held;

  /** Of one key for good. */
  public SwarmKeys(Secret clusterKey) {
    Held one = Held.of(clusterKey, Optional.empty());
    this.held = () -> one;
  }

  /**
   * @param held asked for each use
   */
  public SwarmKeys(Supplier<Held> held) {
    this.held = held;
  }

  /** The id of the swarm of this blob's generation. */
  public SwarmId id(Digest digest, int generation) {
    byte[] name = Arrays.copyOf(hmac("swarm-name", blob(digest, generation)), NAME_BYTES);
    byte[] id = Arrays.copyOf(name, SwarmId.BYTES);
    System.arraycopy(hmac("swarm-seal", name), 0, id, NAME_BYTES, SEAL_BYTES);
    return SwarmId.of(id);
  }

  /** Whether this cluster made {@code id}. */
  public boolean isGenuine(SwarmId id) {
    byte[] bytes = id.toBytes();
    byte[] seal = Arrays.copyOfRange(bytes, NAME_BYTES, SwarmId.BYTES);
    return isGenuine(seal, "swarm-seal", Arrays.copyOf(bytes, NAME_BYTES));
  }

  /** What a peer must prove to hold before it is unchoked in the swarm of this generation. */
  public Secret secret(Digest digest, int generation) {
    return Secret.of(hmac("swarm-secret", blob(digest, generation)));
  }

  /** The proof a proxy hands out for a piece it has verified. */
  public PieceProof proof(Digest digest, int generation, int index, PieceHash hash) {
    byte[] mac = hmac("piece", blob(digest, generation), number(index), hash.toBytes());
    return new PieceProof(hash, Arrays.copyOf(mac, PieceProof.MAC_BYTES));
  }

  /** Whether {@code proof} was made by this cluster for that piece. */
  public boolean isGenuine(Digest digest, int generation, int index, PieceProof proof) {
    return isGenuine(
        proof.mac(), "piece", blob(digest, generation), number(index), proof.hash().toBytes());
  }

  /**
   * HMAC-SHA-256 for another use of the cluster key, 32 bytes. Every caller has a label of its own;
   * parts of variable length are the caller's to delimit.
   */
  public byte[] hmac(String label, byte[]... parts) {
    return hmac(held.get().keys.getFirst(), label, parts);
  }

  /**
   * Whether {@code mac} is how {@link #hmac} of those parts begins, under any key that holds; in
   * constant time. How long it must be is the caller's to check.
   */
  public boolean isGenuine(byte[] mac, String label, byte[]... parts) {
    boolean isGenuine = false;
    for (SecretKeySpec key : held.get().keys) {
      byte[] expected = Arrays.copyOf(hmac(key, label, parts), mac.length);
      isGenuine |=
          mac.length > 0 && mac.length <= MAC_BYTES && MessageDigest.isEqual(expected, mac);
    }
    return isGenuine;
  }

  /** As {@link #hmac}, under each key that holds. */
  List<byte[]> hmacs(String label) {
    return held.get().keys.stream().map(key -> hmac(key, label)).toList();
  }

  private static byte[] hmac(SecretKeySpec key, String label, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(label.getBytes(StandardCharsets.US_ASCII));
      mac.update((byte) 0);
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }

  private static byte[] blob(Digest digest, int generation) {
    byte[] name = digest.toString().getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(name.length + 4).put(name).putInt(generation).array();
  }
}
