package io.layercast.engine;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * The name of a blob or manifest by its content, {@code sha256:…} or {@code sha512:…} (OCI image
 * spec, descriptor, "Digests"). The encoded part is lower-case hex of exactly the algorithm's
 * length; nothing else is a digest here.
 */
public record Digest(Algorithm algorithm, String hex) {

  /** The registered algorithms of the OCI image spec. */
  public enum Algorithm {
    SHA256("SHA-256", 64),
    SHA512("SHA-512", 128);

    private final String jdkName;
    private final int hexLength;

    Algorithm(String jdkName, int hexLength) {
      this.jdkName = jdkName;
      this.hexLength = hexLength;
    }

    /** A fresh hasher of this algorithm. */
    public MessageDigest hasher() {
      try {
        return MessageDigest.getInstance(jdkName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has " + jdkName, e);
      }
    }

    /** The name as it stands before the colon. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Digest {
    if (hex.length() != algorithm.hexLength || !isLowerHex(hex)) {
      throw new IllegalArgumentException("not the hex of a " + algorithm.label() + ": " + hex);
    }
  }

  /** The digest written {@code text}, or empty when the spec's grammar refuses it. */
  public static Optional<Digest> parse(String text) {
    for (Algorithm algorithm : Algorithm.values()) {
      String prefix = algorithm.label() + ":";
      if (text.startsWith(prefix)) {
        String hex = text.substring(prefix.length());
        return hex.length() == algorithm.hexLength && isLowerHex(hex)
            ? Optional.of(new Digest(algorithm, hex))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  /**
   * The digest written {@code text}.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Digest of(String text) {
    return parse(text).orElseThrow(() -> new IllegalArgumentException("not a digest: " + text));
  }

  /** The SHA-256 digest of {@code bytes}. */
  public static Digest sha256Of(byte[] bytes) {
    return ofHash(Algorithm.SHA256, Algorithm.SHA256.hasher().digest(bytes));
  }

  /** The digest whose raw value is {@code hash}. */
  public static Digest ofHash(Algorithm algorithm, byte[] hash) {
    return new Digest(algorithm, HexFormat.of().formatHex(hash));
  }

  private static boolean isLowerHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return algorithm.label() + ":" + hex;
  }
}
