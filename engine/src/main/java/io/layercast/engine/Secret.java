package io.layercast.engine;

import java.security.MessageDigest;
import java.util.Arrays;

/** Bytes that must never be printed: a swarm's secret, the cluster's key. Immutable. */
public final class Secret {
  private final byte[] value;

  private Secret(byte[] value) {
    this.value = value;
  }

  public static Secret of(byte[] value) {
    return new Secret(value.clone());
  }

  public byte[] toBytes() {
    return value.clone();
  }

  /** Compares in constant time. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(value, secret.value);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return "[secret]";
  }
}
