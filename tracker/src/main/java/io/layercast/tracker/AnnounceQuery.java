package io.layercast.tracker;

import io.layercast.engine.SwarmId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The query of {@code GET /announce} (BEP 3, 7, 23): {@code info_hash} and {@code peer_id} are raw
 * bytes, so it is read from the request line's own characters.
 *
 * <p>Not read: {@code ip}, {@code ipv4}, {@code ipv6} (anyone's address could stand there), {@code
 * key} and {@code trackerid} (a peer is known by its source address), {@code uploaded} and {@code
 * downloaded}.
 */
sealed interface AnnounceQuery {
  int MOST_DIGITS = 18;

  /**
   * A well-formed announce.
   *
   * @param numWant empty when the client leaves it to the tracker
   * @param compact false when the client asked for a list of dictionaries
   */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Announce(
      byte[] infoHash,
      byte[] peerId,
      int port,
      long left,
      Event event,
      OptionalInt numWant,
      boolean compact,
      boolean noPeerId)
      implements AnnounceQuery {}

  /** It is no announce; {@code reason} is for the client's user. */
  record Invalid(String reason) implements AnnounceQuery {}

  /** Reads the query as it stood in the request line, without the question mark. */
  static AnnounceQuery parse(String rawQuery) {
    RawQuery query = RawQuery.parse(rawQuery);
    Optional<byte[]> infoHash = ofLength(query.first("info_hash"), SwarmId.BYTES);
    Optional<byte[]> peerId = ofLength(query.first("peer_id"), PeerIdentity.PEER_ID_BYTES);
    Optional<Long> port = number(query, "port").filter(value -> value >= 1 && value <= 65_535);
    Optional<Long> left = number(query, "left").filter(value -> value >= 0);
    if (infoHash.isEmpty()) {
      return new Invalid("info_hash is missing or not 20 bytes");
    }
    if (peerId.isEmpty()) {
      return new Invalid("peer_id is missing or not 20 bytes");
    }
    if (port.isEmpty()) {
      return new Invalid("port is missing or out of range");
    }
    if (left.isEmpty()) {
      return new Invalid("left is missing or not a number");
    }
    Optional<Long> numWant = number(query, "numwant").filter(value -> value >= 0);
    return new Announce(
        infoHash.get(),
        peerId.get(),
        port.get().intValue(),
        left.get(),
        Event.parse(query.first("event").map(AnnounceQuery::text)),
        numWant.isPresent()
            ? OptionalInt.of((int) Math.min(numWant.get(), Integer.MAX_VALUE))
            : OptionalInt.empty(),
        !isValue(query, "compact", "0"),
        isValue(query, "no_peer_id", "1"));
  }

  /** The {@code info_hash} values of {@code GET /scrape} (BEP 48); empty when one is malformed. */
  static Optional<List<byte[]>> parseScrape(String rawQuery) {
    List<byte[]> hashes = new ArrayList<>();
    for (byte[] value : RawQuery.parse(rawQuery).all("info_hash")) {
      if (value.length != SwarmId.BYTES) {
        return Optional.empty();
      }
      hashes.add(value);
    }
    return Optional.of(hashes);
  }

  private static boolean isValue(RawQuery query, String name, String value) {
    return query.first(name).map(AnnounceQuery::text).filter(value::equals).isPresent();
  }

  private static Optional<byte[]> ofLength(Optional<byte[]> value, int bytes) {
    return value.filter(found -> found.length == bytes);
  }

  private static Optional<Long> number(RawQuery query, String name) {
    return query.first(name).map(AnnounceQuery::text).flatMap(AnnounceQuery::number);
  }

  /** No sign but a minus, so few digits that they fit. */
  private static Optional<Long> number(String text) {
    int start = text.startsWith("-") ? 1 : 0;
    int digits = text.length() - start;
    if (digits < 1 || digits > MOST_DIGITS) {
      return Optional.empty();
    }
    long value = 0;
    for (int i = start; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return Optional.empty();
      }
      value = 10 * value + digit;
    }
    return Optional.of(start == 0 ? value : -value);
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.ISO_8859_1);
  }
}
