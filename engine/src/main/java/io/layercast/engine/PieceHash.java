package io.layercast.engine;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** The SHA-256 of one piece, 32 bytes. Immutable. */
public final class PieceHash {
  public static final int BYTES = 32;

  private final byte[] value;

  private PieceHash(byte[] value) {
    this.value = value;
  }

  /**
   * @throws IllegalArgumentException when {@code value} is not 32 bytes long
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static PieceHash of(byte[] value) {
    if (value.length != BYTES) {
      throw new IllegalArgumentException("a piece hash of " + value.length + " bytes");
    }
    return new PieceHash(value.clone());
  }

  /** A fresh hasher whose result {@link #of} takes. */
  public static MessageDigest hasher() {
    return Digest.Algorithm.SHA256.hasher();
  }

  @JsonValue
  public byte[] toBytes() {
    return value.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PieceHash hash && Arrays.equals(value, hash.value);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(value, 0, 4) + "…";
  }
}
