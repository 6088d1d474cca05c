package io.layercast.swarm.wire;

import io.layercast.engine.Secret;
import io.layercast.engine.SwarmId;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The payload of lc_proof: that its sender holds the swarm's secret, on this connection, in this
 * role, and was reached (or reached out) at this address. Why each part is in:
 * docs/adr/0005-peer-wire.md.
 *
 * <pre>
 * HMAC-SHA-256(secret, "lc-proof" ‖ role ‖ swarm id ‖ dialler's nonce ‖ accepter's nonce ‖ address)
 *                          8         1       20            32                 32      4 or 16, + 2
 * </pre>
 */
public final class SwarmProof {
  public static final int BYTES = 32;

  private static final byte[] LABEL = "lc-proof".getBytes(StandardCharsets.US_ASCII);

  /** Who speaks. */
  public enum Role {
    DIALLER(0),
    ACCEPTER(1);

    private final int onWire;

    Role(int onWire) {
      this.onWire = onWire;
    }
  }

  private SwarmProof() {}

  /**
   * @param dialled the address the dialler dialled, resolved
   */
  public static byte[] of(
      Secret secret,
      Role role,
      SwarmId swarm,
      byte[] diallerNonce,
      byte[] accepterNonce,
      InetSocketAddress dialled) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.toBytes(), "HmacSHA256"));
      mac.update(LABEL);
      mac.update((byte) role.onWire);
      mac.update(swarm.toBytes());
      mac.update(diallerNonce);
      mac.update(accepterNonce);
      mac.update(dialled.getAddress().getAddress());
      mac.update(ByteBuffer.allocate(2).putShort((short) dialled.getPort()).array());
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  /** Compares in constant time. */
  public static boolean matches(byte[] expected, byte[] given) {
    return MessageDigest.isEqual(expected, given);
  }
}
