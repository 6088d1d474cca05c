package io.layercast.swarm.wire;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;

/** The 20 bytes by which a peer names itself in its handshake (BEP 3, BEP 20). Ordered. */
public final class PeerId implements Comparable<PeerId> {
  public static final int BYTES = 20;

  private static final byte[] PREFIX = "-LC0100-".getBytes(StandardCharsets.US_ASCII);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] value;

  private PeerId(byte[] value) {
    this.value = value;
  }

  /**
   * @throws IllegalArgumentException when {@code value} is not 20 bytes long
   */
  public static PeerId of(byte[] value) {
    if (value.length != BYTES) {
      throw new IllegalArgumentException("a peer id of " + value.length + " bytes");
    }
    return new PeerId(value.clone());
  }

  /** A new id of ours, {@code -LC0100-} and 12 random bytes: one for the life of a process. */
  public static PeerId random() {
    byte[] value = new byte[BYTES];
    RANDOM.nextBytes(value);
    System.arraycopy(PREFIX, 0, value, 0, PREFIX.length);
    return new PeerId(value);
  }

  public byte[] toBytes() {
    return value.clone();
  }

  @Override
  public int compareTo(PeerId other) {
    return Arrays.compareUnsigned(value, other.value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PeerId id && Arrays.equals(value, id.value);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(value);
  }

  /** The client's name (BEP 20) with anything unprintable masked, and two bytes of the rest. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < PREFIX.length; i++) {
      char c = (char) (value[i] & 0xff);
      text.append(c > ' ' && c < 0x7f ? c : '.');
    }
    return text.append("%02x%02x".formatted(value[BYTES - 2], value[BYTES - 1])).toString();
  }
}
