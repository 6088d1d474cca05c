package io.layercast.tracker;

import io.layercast.engine.SwarmId;
import io.layercast.engine.SwarmKeys;
import io.layercast.engine.bencode.Bencode;
import io.layercast.engine.bencode.Bencode.Dict;
import io.layercast.engine.bencode.BencodeException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
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
    return HexFormat.of().formatHex(mac(keys));
  }

  boolean isProvenBy(String proof, SwarmKeys keys) {
    try {
      return MessageDigest.isEqual(HexFormat.of().parseHex(proof), mac(keys));
    } catch (IllegalArgumentException _) {
      // Not hex, so no proof.
      return false;
    }
  }

  private byte[] mac(SwarmKeys keys) {
    return keys.hmac(
        "alias",
        alias.toBytes(),
        swarm.toBytes(),
        ByteBuffer.allocate(8).putLong(expiry.getEpochSecond()).array());
  }
}
