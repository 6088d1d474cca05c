package io.layercast.engine;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * The 20 bytes that name a swarm on the wire and at the tracker, in the place of BEP 3's info hash.
 * Naming is not proving: see {@link SwarmKeys}. Prints only its first two bytes.
 */
public final class SwarmId {
  public static final int BYTES = 20;

  private final byte[] value;

  private SwarmId(byte[] value) {
    this.value = value;
  }

  /**
   * @throws IllegalArgumentException when {@code value} is not 20 bytes long
   */
  public static SwarmId of(byte[] value) {
    if (value.length != BYTES) {
      throw new IllegalArgumentException("a swarm id of " + value.length + " bytes");
    }
    return new SwarmId(value.clone());
  }

  public byte[] toBytes() {
    return value.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SwarmId id && Arrays.equals(value, id.value);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return "swarm:" + HexFormat.of().formatHex(value, 0, 2) + "…";
  }
}
