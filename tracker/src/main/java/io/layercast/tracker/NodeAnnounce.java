package io.layercast.tracker;

import io.layercast.engine.SwarmId;
import io.layercast.engine.SwarmKeys;
import io.layercast.engine.bencode.Bencode;
import io.layercast.engine.bencode.Bencode.Dict;
import io.layercast.engine.bencode.BencodeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The body of {@code POST /layercast/v1/announce}: what one node of ours has to say of many swarms.
 *
 * <pre>
 * d  full i1e?  ip 4 or 16 bytes?  peer_id 20 bytes  port i…e  proxy i1e?
 *    swarms l d  event string?  id 20 bytes  left i…e  want i…e?  e … e  e
 * </pre>
 *
 * @param ip the address the node advertises; no bytes when it names none
 * @param full whether the node is in these swarms and in no other
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record NodeAnnounce(
    byte[] peerId, byte[] ip, int port, boolean proxy, boolean full, List<Tracker.Report> reports) {

  byte[] encode() {
    Bencode.DictBuilder dict =
        Bencode.dict().put("peer_id", peerId).put("port", port).put("full", full ? 1 : 0);
    if (ip.length > 0) {
      dict.put("ip", ip);
    }
    if (proxy) {
      dict.put("proxy", 1);
    }
    List<Bencode> swarms = new ArrayList<>();
    for (Tracker.Report report : reports) {
      Bencode.DictBuilder swarm = Bencode.dict().put("id", report.id()).put("left", report.left());
      if (report.event() != Event.NONE) {
        swarm.put("event", report.event().wireName());
      }
      if (report.want() > 0) {
        swarm.put("want", report.want());
      }
      swarms.add(swarm.build());
    }
    return Bencode.encode(dict.put("swarms", new Bencode.BList(swarms)).build());
  }

  /**
   * Reads a body.
   *
   * @param mostSwarms it may name
   * @param mostPeers it may want for one; more are cut
   * @throws BencodeException saying what is wrong with it
   */
  static NodeAnnounce decode(byte[] body, int mostSwarms, int mostPeers) throws BencodeException {
    Dict dict = Bencode.decodeDict(body);
    byte[] peerId = exactly(dict, "peer_id", PeerIdentity.PEER_ID_BYTES);
    byte[] ip = dict.bytes("ip").orElseGet(() -> new byte[0]);
    if (ip.length != 0 && ip.length != 4 && ip.length != 16) {
      throw new BencodeException("ip is neither 4 nor 16 bytes");
    }
    long port = dict.integer("port").orElse(0L);
    if (port < 1 || port > 65_535) {
      throw new BencodeException("port is missing or out of range");
    }
    List<Bencode> swarms = dict.list("swarms");
    if (swarms.size() > mostSwarms) {
      throw new BencodeException("more than " + mostSwarms + " swarms");
    }
    List<Tracker.Report> reports = new ArrayList<>(swarms.size());
    for (Bencode swarm : swarms) {
      reports.add(report(swarm, mostPeers));
    }
    return new NodeAnnounce(
        peerId, ip, (int) port, isSet(dict, "proxy"), isSet(dict, "full"), reports);
  }

  /**
   * Without the swarms that this cluster has not named. Of strangers' ten thousand ids each costs
   * an HMAC, which is better spent here than where all announces go. Ours announce no aliases.
   */
  NodeAnnounce onlyGenuine(SwarmKeys keys) {
    List<Tracker.Report> genuine =
        reports.stream().filter(report -> keys.isGenuine(SwarmId.of(report.id()))).toList();
    return new NodeAnnounce(peerId, ip, port, proxy, full, genuine);
  }

  private static Tracker.Report report(Bencode value, int mostPeers) throws BencodeException {
    if (!(value instanceof Dict dict)) {
      throw new BencodeException("a swarm that is not a dictionary");
    }
    byte[] id = exactly(dict, "id", SwarmId.BYTES);
    long left = dict.integer("left").orElse(-1L);
    if (left < 0) {
      throw new BencodeException("left is missing or negative");
    }
    long want = Math.clamp(dict.integer("want").orElse(0L), 0, mostPeers);
    return new Tracker.Report(id, left, Event.parse(dict.text("event")), (int) want);
  }

  private static boolean isSet(Dict dict, String key) {
    return dict.integer(key).orElse(0L) == 1;
  }

  /** The byte string of that length at {@code key}. */
  static byte[] exactly(Dict dict, String key, int bytes) throws BencodeException {
    Optional<byte[]> value = dict.bytes(key).filter(found -> found.length == bytes);
    return value.orElseThrow(
        () -> new BencodeException(key + " is missing or not " + bytes + " bytes"));
  }
}
