package io.layercast.engine;

import java.util.Arrays;

/**
 * The expected hash of one piece and the ingesting proxy's MAC over (digest, generation, index,
 * hash), 16 bytes, by which a later incarnation of the layer's actor knows the hash for the
 * cluster's own when an agent hands it back. Agents keep the MAC; only proxies can check it.
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out, compared by content
public record PieceProof(PieceHash hash, byte[] mac) {
  public static final int MAC_BYTES = 16;

  public PieceProof {
    if (mac.length != MAC_BYTES) {
      throw new IllegalArgumentException("a piece MAC of " + mac.length + " bytes");
    }
    mac = mac.clone();
  }

  @Override
  public byte[] mac() {
    return mac.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PieceProof proof
        && hash.equals(proof.hash)
        && Arrays.equals(mac, proof.mac);
  }

  @Override
  public int hashCode() {
    return hash.hashCode();
  }

  @Override
  public String toString() {
    return hash.toString();
  }
}
