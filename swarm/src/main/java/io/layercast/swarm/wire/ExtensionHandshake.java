package io.layercast.swarm.wire;

import io.layercast.engine.bencode.Bencode;
import io.layercast.engine.bencode.BencodeException;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The payload of the extended message 0 (BEP 10), of which we read:
 *
 * <pre>
 * d
 *   m:    { lc_proof: id }                 the id under which the sender takes lc_proof
 *   p:    listen port
 *   reqq: how many requests the sender queues
 *   v:    client and version, for logs
 *   lc:   { v: 1, n: nonce, b: largest block the sender serves }     ours only
 * e
 * </pre>
 *
 * All keys are optional on the wire; unknown ones are skipped. Values outside their range count as
 * absent, a broken {@code lc} breaks the protocol.
 *
 * @param listenPort where the sender accepts connections
 * @param requestQueue how many outstanding requests the sender takes
 * @param ours present when the sender is one of ours
 */
public record ExtensionHandshake(
    String client, OptionalInt listenPort, OptionalInt requestQueue, Optional<Ours> ours) {

  /** The id under which we take {@code lc_proof}. */
  public static final int PROOF_ID = 1;

  private static final int VERSION = 1;
  private static final int MAX_CLIENT_CHARS = 64;

  /** BEP 3: what every client serves; blocks of a few bytes would be a great many. */
  private static final int MIN_BLOCK_BYTES = 16 * 1024;

  /**
   * What one of ours adds.
   *
   * @param proofId the id to send lc_proof under
   * @param nonce 32 random bytes, new for each connection
   * @param blockBytes the largest block the sender serves
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by content
  public record Ours(int proofId, byte[] nonce, int blockBytes) {
    public static final int NONCE_BYTES = 32;

    @Override
    public boolean equals(Object other) {
      return other instanceof Ours ours
          && proofId == ours.proofId
          && blockBytes == ours.blockBytes
          && Arrays.equals(nonce, ours.nonce);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(nonce);
    }

    @Override
    public String toString() {
      return "Ours[" + blockBytes + "]";
    }
  }

  /** The bencoded payload. */
  public byte[] encode() {
    Bencode.DictBuilder extensions = Bencode.dict();
    Bencode.DictBuilder all = Bencode.dict().put("v", client);
    listenPort.ifPresent(port -> all.put("p", port));
    requestQueue.ifPresent(queue -> all.put("reqq", queue));
    ours.ifPresent(lc -> {
      extensions.put("lc_proof", lc.proofId);
      all.put(
          "lc",
          Bencode.dict().put("v", VERSION).put("n", lc.nonce).put("b", lc.blockBytes).build());
    });
    return Bencode.encode(all.put("m", extensions.build()).build());
  }

  /**
   * @throws WireException when it is no dictionary or its {@code lc} is broken
   */
  public static ExtensionHandshake decode(byte[] payload) throws WireException {
    Bencode.Dict dict;
    try {
      dict = Bencode.decodePrefix(payload).dict();
    } catch (BencodeException e) {
      throw new WireException("an extension handshake that is no dictionary", e);
    }
    Optional<Ours> ours = Optional.empty();
    if (dict.dict("lc").isPresent()) {
      ours = Optional.of(decodeOurs(dict, dict.dict("lc").get()));
    }
    return new ExtensionHandshake(
        dict.text("v").map(ExtensionHandshake::printable).orElse(""),
        within(dict.integer("p"), 1, 65_535),
        within(dict.integer("reqq"), 1, 1_000_000),
        ours);
  }

  private static Ours decodeOurs(Bencode.Dict all, Bencode.Dict lc) throws WireException {
    byte[] nonce = lc.bytes("n").orElse(new byte[0]);
    OptionalInt block = within(lc.integer("b"), MIN_BLOCK_BYTES, 1 << 30);
    OptionalInt proofId =
        within(all.dict("m").flatMap(extensions -> extensions.integer("lc_proof")), 1, 255);
    if (nonce.length != Ours.NONCE_BYTES || block.isEmpty() || proofId.isEmpty()) {
      throw new WireException("a broken lc in the extension handshake");
    }
    return new Ours(proofId.getAsInt(), nonce, block.getAsInt());
  }

  private static OptionalInt within(Optional<Long> value, int from, int to) {
    return value.isPresent() && value.get() >= from && value.get() <= to
        ? OptionalInt.of(Math.toIntExact(value.get()))
        : OptionalInt.empty();
  }

  private static String printable(String text) {
    String cut = text.substring(0, Math.min(text.length(), MAX_CLIENT_CHARS));
    return cut.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
