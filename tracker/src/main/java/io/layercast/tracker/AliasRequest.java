package io.layercast.tracker;

import io.layercast.engine.SwarmId;
import io.layercast.engine.SwarmKeys;
import io.layercast.engine.bencode.Bencode;
import io.layercast.engine.bencode.Bencode.Dict;
import io.layercast.engine.bencode.BencodeException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HexFormat;

/**
 * The body of {@code POST /layercast/v1/alias}, {@code d alias 20 bytes expiry i…e (seconds since
 * 1970) swarm 20 bytes e}, and the proof beside it, hex of HMAC("alias", alias ‖ swarm ‖ expiry as
 * 8 bytes) under the cluster key. Replaying one changes nothing.
 */
record AliasRequest(SwarmId alias, SwarmId swarm, Instant expiry) {
  /** The header that carries the proof. */
  static final String PROOF_HEADER = "Layercast-Alias-Proof";

  private static final String LABEL = "alias";
  private static final int MAC_BYTES = 32;

  byte[] encode() {
    return Bencode.encode(
        Bencode.dict()
            .put("alias", alias.toBytes())
            .put("swarm", swarm.toBytes())
            .put("expiry", expiry.getEpochSecond())
            .build());
  }

  /**
   * Reads a body.
   *
   * @throws BencodeException saying what is wrong with it
   */
  static AliasRequest decode(byte[] body) throws BencodeException {
    Dict dict = Bencode.decodeDict(body);
    long expiry = dict.integer("expiry").orElse(0L);
    if (expiry < 1 || expiry > Instant.MAX.getEpochSecond()) {
      throw new BencodeException("expiry is missing or out of range");
    }
    return new AliasRequest(
        SwarmId.of(NodeAnnounce.exactly(dict, "alias", SwarmId.BYTES)),
        SwarmId.of(NodeAnnounce.exactly(dict, "swarm", SwarmId.BYTES)),
        Instant.ofEpochSecond(expiry));
  }

  String proof(SwarmKeys keys) {
    return HexFormat.of().formatHex(keys.hmac(LABEL, parts()));
  }

  boolean isProvenBy(String proof, SwarmKeys keys) {
    try {
      byte[] mac = HexFormat.of().parseHex(proof);
      return mac.length == MAC_BYTES && keys.isGenuine(mac, LABEL, parts());
    } catch (IllegalArgumentException _) {
      // Not hex, so no proof.
      return false;
    }
  }

  private byte[][] parts() {
    return new byte[][] {
      alias.toBytes(),
      swarm.toBytes(),
      ByteBuffer.allocate(8).putLong(expiry.getEpochSecond()).array()
    };
  }
}
