package io.layercast.swarm;

import io.layercast.engine.PieceSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which pieces are being fetched from whom, and which of them is late enough that a second peer may
 * be asked too: the end game. Not thread-safe. Time comes in as nanoseconds.
 */
public final class Flights {
  private record Flight(int piece, long startedNanos, List<Long> peers) {}

  /** In the order in which they were first started. */
  private final Map<Integer, Flight> flights = new LinkedHashMap<>();

  private int duplicates;

  public void started(int piece, long peer, long nowNanos) {
    Flight flight =
        flights.computeIfAbsent(piece, _ -> new Flight(piece, nowNanos, new ArrayList<>(1)));
    flight.peers.add(peer);
    if (flight.peers.size() > 1) {
      duplicates++;
    }
  }

  /** The peer no longer fetches the piece; says whether nobody does. */
  public boolean ended(int piece, long peer) {
    Flight flight = flights.get(piece);
    if (flight == null || !flight.peers.remove((Object) peer)) {
      return false;
    }
    if (flight.peers.isEmpty()) {
      flights.remove(piece);
      return true;
    }
    duplicates--;
    return false;
  }

  /** The piece is here: forgets it and gives the peers that still fetch it. */
  public List<Long> landed(int piece) {
    Flight flight = flights.remove(piece);
    if (flight == null) {
      return List.of();
    }
    duplicates -= flight.peers.size() - 1;
    return flight.peers;
  }

  /** The peer is gone: gives the pieces that nobody fetches now. */
  public List<Integer> peerGone(long peer) {
    List<Integer> orphans = new ArrayList<>();
    for (Iterator<Flight> it = flights.values().iterator(); it.hasNext(); ) {
      Flight flight = it.next();
      if (flight.peers.remove((Object) peer)) {
        if (flight.peers.isEmpty()) {
          it.remove();
          orphans.add(flight.piece);
        } else {
          duplicates--;
        }
      }
    }
    return orphans;
  }

  /** Pieces that are fetched from more than one peer, counted once for each beyond the first. */
  public int duplicates() {
    return duplicates;
  }

  public int size() {
    return flights.size();
  }

  public boolean contains(int piece) {
    return flights.containsKey(piece);
  }

  public boolean isFetching(int piece, long peer) {
    Flight flight = flights.get(piece);
    return flight != null && flight.peers.contains(peer);
  }

  /** Whether the piece has been under way with one other peer for {@code lateNanos} at least. */
  public boolean isLate(int piece, long peer, long nowNanos, long lateNanos) {
    Flight flight = flights.get(piece);
    return flight != null
        && nowNanos - flight.startedNanos >= lateNanos
        && flight.peers.size() == 1
        && flight.peers.getFirst() != peer;
  }

  /**
   * The piece that is longest under way with one other peer, for {@code lateNanos} at least, and
   * that this peer has; or -1.
   */
  public int late(long peer, PieceSet has, long nowNanos, long lateNanos) {
    for (Flight flight : flights.values()) {
      if (nowNanos - flight.startedNanos < lateNanos) {
        return -1;
      }
      if (flight.peers.size() == 1 && flight.peers.getFirst() != peer && has.has(flight.piece)) {
        return flight.piece;
      }
    }
    return -1;
  }
}
