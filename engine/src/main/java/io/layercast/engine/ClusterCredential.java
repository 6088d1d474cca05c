package io.layercast.engine;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What shows that a node belongs to the cluster, 64 hex digits: {@code HMAC("agent-credential",
 * "")} under the cluster key, so that proxies and trackers know it from their key, and an agent
 * that has it learns nothing of the key. Shown whole only where TLS hides it; elsewhere a MAC under
 * it vouches for a message. Never printed.
 */
public final class ClusterCredential {
  /** The header of a request that shows it. */
  public static final String HEADER = "Layercast-Credential";

  /** The header of a request whose body it vouches for. */
  public static final String PROOF_HEADER = "Layercast-Credential-Proof";

  private static final String LABEL = "agent-credential";
  private static final int BYTES = 32;

  private final byte[] value;

  private ClusterCredential(byte[] value) {
    this.value = value;
  }

  /** The one of the cluster with {@code keys}. */
  public static ClusterCredential of(SwarmKeys keys) {
    return new ClusterCredential(keys.hmac(LABEL));
  }

  /** All that hold in the cluster with {@code keys}: two while its key is rotated. */
  public static List<ClusterCredential> allOf(SwarmKeys keys) {
    return keys.hmacs(LABEL).stream().map(ClusterCredential::new).toList();
  }

  /**
   * The one that {@link #reveal} wrote; white space around it does not count.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static ClusterCredential parse(byte[] text) {
    byte[] value;
    try {
      value = HexFormat.of().parseHex(new String(text, StandardCharsets.US_ASCII).strip());
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException(
          "a credential of the cluster is 64 hex digits"); // no cause
    }
    if (value.length != BYTES) {
      throw new IllegalArgumentException("a credential of the cluster is 64 hex digits");
    }
    return new ClusterCredential(value);
  }

  /** Its text, for a header or a file. */
  public String reveal() {
    return HexFormat.of().formatHex(value);
  }

  /** Whether {@code shown} is it; in constant time. */
  public boolean isShownBy(String shown) {
    return isEqual(reveal(), shown);
  }

  /** HMAC-SHA-256 under it over {@code message}, in hex. */
  public String proofOf(byte[] message) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(value, "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(message));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  /** Whether whoever made {@code proof} has it, and made it for {@code message}. */
  public boolean isProvenBy(String proof, byte[] message) {
    return isEqual(proofOf(message), proof);
  }

  private static boolean isEqual(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "[cluster credential]";
  }
}
