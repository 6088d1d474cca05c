package io.layercast.tracker;

import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.SwarmId;
import io.layercast.engine.bencode.Bencode;
import io.layercast.engine.bencode.Bencode.Dict;
import io.layercast.engine.bencode.BencodeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The answer to {@link NodeAnnounce}.
 *
 * <pre>
 * d  interval i…e (seconds)
 *    swarms l d  foreign l d alias 20 bytes  ip 4 or 16 bytes  port i…e e … e?
 *                id 20 bytes  peers 6×n bytes?  peers6 18×n bytes? e … e
 *    tracker id string   warning message string?  e
 * </pre>
 *
 * @param trackerId changes when the tracker has lost what it knew
 * @param peers of the swarms that asked for some and have some
 * @param warning empty when there is none
 */
record NodeReply(
    Duration interval, String trackerId, Map<SwarmId, List<Peer>> peers, String warning) {

  /** The answer to {@code reports}, to which {@code handouts} belong one by one. */
  static byte[] encode(
      Duration interval,
      String trackerId,
      List<Tracker.Report> reports,
      List<Handout> handouts,
      String warning) {
    List<Bencode> swarms = new ArrayList<>();
    for (int i = 0; i < handouts.size(); i++) {
      Handout handout = handouts.get(i);
      if (!handout.isEmpty()) {
        swarms.add(swarm(reports.get(i).id(), handout));
      }
    }
    Bencode.DictBuilder dict =
        Bencode.dict()
            .put("interval", Math.max(1, interval.toSeconds()))
            .put("tracker id", trackerId)
            .put("swarms", new Bencode.BList(swarms));
    if (!warning.isEmpty()) {
      dict.put("warning message", warning);
    }
    return Bencode.encode(dict.build());
  }

  private static Dict swarm(byte[] id, Handout handout) {
    Bencode.DictBuilder dict = Bencode.dict().put("id", id);
    if (handout.peers().length > 0) {
      dict.put("peers", handout.peers());
    }
    if (handout.peers6().length > 0) {
      dict.put("peers6", handout.peers6());
    }
    if (!handout.foreign().isEmpty()) {
      dict.put(
          "foreign",
          new Bencode.BList(
              handout.foreign().stream()
                  .<Bencode>map(foreign ->
                      Bencode.dict()
                          .put("ip", foreign.address().ip())
                          .put("port", foreign.address().port())
                          .put("alias", foreign.alias())
                          .build())
                  .toList()));
    }
    return dict.build();
  }

  /**
   * Reads an answer.
   *
   * @throws BencodeException when it is none, or a failure reason
   */
  static NodeReply decode(byte[] body) throws BencodeException {
    Dict dict = Bencode.decodeDict(body);
    Optional<String> failure = dict.text("failure reason");
    if (failure.isPresent()) {
      throw new BencodeException("the tracker refused: " + failure.get());
    }
    long seconds = dict.integer("interval").orElse(0L);
    if (seconds < 1 || seconds > Duration.ofDays(1).toSeconds()) {
      throw new BencodeException("interval is missing or out of range");
    }
    Map<SwarmId, List<Peer>> peers = new LinkedHashMap<>();
    for (Bencode value : dict.list("swarms")) {
      if (!(value instanceof Dict swarm)) {
        throw new BencodeException("a swarm that is not a dictionary");
      }
      SwarmId id = SwarmId.of(NodeAnnounce.exactly(swarm, "id", SwarmId.BYTES));
      List<Peer> found = new ArrayList<>();
      addPlain(swarm, "peers", 4, found);
      addPlain(swarm, "peers6", 16, found);
      addForeign(swarm, found);
      peers.put(id, List.copyOf(found));
    }
    return new NodeReply(
        Duration.ofSeconds(seconds),
        dict.text("tracker id").orElse(""),
        peers,
        dict.text("warning message").orElse(""));
  }

  private static void addPlain(Dict swarm, String key, int ipBytes, List<Peer> found)
      throws BencodeException {
    byte[] packed = swarm.bytes(key).orElseGet(() -> new byte[0]);
    int step = ipBytes + 2;
    if (packed.length % step != 0) {
      throw new BencodeException(key + " is not a multiple of " + step + " bytes");
    }
    for (int at = 0; at < packed.length; at += step) {
      byte[] ip = Arrays.copyOfRange(packed, at, at + ipBytes);
      int port = (packed[at + ipBytes] & 0xff) << 8 | (packed[at + ipBytes + 1] & 0xff);
      found.add(Peer.ours(address(ip, port).toSocketAddress()));
    }
  }

  private static void addForeign(Dict swarm, List<Peer> found) throws BencodeException {
    for (Bencode value : swarm.list("foreign")) {
      if (!(value instanceof Dict dict)) {
        throw new BencodeException("a foreign peer that is not a dictionary");
      }
      SwarmId alias = SwarmId.of(NodeAnnounce.exactly(dict, "alias", SwarmId.BYTES));
      byte[] ip = dict.bytes("ip").orElseGet(() -> new byte[0]);
      long port = dict.integer("port").orElse(0L);
      found.add(
          new Peer(
              address(ip, Math.clamp(port, 0, 65_536)).toSocketAddress(),
              true,
              Optional.of(alias)));
    }
  }

  private static PeerAddress address(byte[] ip, int port) throws BencodeException {
    try {
      return new PeerAddress(ip, port);
    } catch (IllegalArgumentException e) {
      throw new BencodeException("not a peer's address", e);
    }
  }
}
