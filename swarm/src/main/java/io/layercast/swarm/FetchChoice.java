package io.layercast.swarm;

import io.layercast.engine.PieceSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/**
 * Which piece to fetch from which peer, when. Keeps what is here, what is known, and what is under
 * way. Pure; not thread-safe.
 */
final class FetchChoice {
  /** After the store refused a piece: fetching more at once would only waste the wire. */
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  private final SwarmSettings.Transfer transfer;
  private final PeerLedger ledger;
  private final PiecePicker picker;
  private final Flights flights = new Flights();
  private final int pieceCount;
  private final PieceSet have;
  private final PieceSet known;
  private int haveCount;
  private int knownCount;
  private List<Integer> readers = List.of();
  private boolean wanted;
  private long pausedUntilNanos;
  private int turn;

  FetchChoice(
      SwarmSettings.Transfer transfer,
      PeerLedger ledger,
      int pieceCount,
      long seed,
      long nowNanos) {
    this.transfer = transfer;
    this.ledger = ledger;
    this.picker = new PiecePicker(pieceCount, seed);
    this.pieceCount = pieceCount;
    this.have = PieceSet.empty(pieceCount);
    this.known = PieceSet.empty(pieceCount);
    this.pausedUntilNanos = nowNanos;
  }

  // ---- what is here

  PieceSet have() {
    return have;
  }

  int haveCount() {
    return haveCount;
  }

  boolean isWanted() {
    return wanted;
  }

  boolean wantsMore() {
    return wanted && haveCount < pieceCount;
  }

  /** Says whether it was new. */
  boolean addHere(int piece) {
    boolean isNew = have.add(piece);
    if (isNew) {
      haveCount++;
      picker.stored(piece);
    }
    return isNew;
  }

  /** Says whether it was new. */
  boolean addKnown(int piece) {
    boolean isNew = known.add(piece);
    if (isNew) {
      knownCount++;
      picker.known(piece);
    }
    return isNew;
  }

  /** Says whether it was here. */
  boolean lost(int piece) {
    if (!have.has(piece)) {
      return false;
    }
    have.remove(piece);
    haveCount--;
    picker.lost(piece);
    return true;
  }

  /** Says whether pieces are wanted now and were not, or the reverse. */
  boolean readers(List<Integer> newReaders, boolean isWanted) {
    readers = newReaders;
    boolean changed = wanted != isWanted;
    wanted = isWanted;
    return changed;
  }

  // ---- what the peers have

  void holds(Partner partner, PieceSet pieces) {
    uncount(partner);
    partner.holds(pieces);
    if (!partner.uncounted) {
      pieces.stream().forEach(picker::peerHas);
    }
    partner.useful = (int) pieces.stream().filter(piece -> !have.has(piece)).count();
  }

  void gained(Partner partner, int piece) {
    if (partner.gained(piece)) {
      if (!partner.uncounted) {
        picker.peerHas(piece);
      }
      if (!have.has(piece)) {
        partner.useful++;
      }
    }
  }

  /** The peer said it had the piece and would not send it. */
  void hasNot(Partner partner, int piece) {
    if (partner.has(piece)) {
      if (partner.uncounted) {
        partner.uncounted = false;
        partner.has().stream().forEach(picker::peerHas);
      }
      partner.lost(piece);
      picker.peerLost(piece);
      partner.useful -= have.has(piece) ? 0 : 1;
    }
  }

  void gone(Partner partner) {
    uncount(partner);
    flights.peerGone(partner.link.id()).forEach(picker::giveBack);
  }

  private void uncount(Partner partner) {
    if (!partner.uncounted) {
      picker.peerGone(partner.has());
    }
  }

  // ---- what is under way

  /** The peer no longer fetches the piece; says whether nobody does. */
  boolean ended(int piece, long peer) {
    return flights.ended(piece, peer);
  }

  /** The piece is here: gives the peers that still fetch it. */
  List<Long> landed(int piece) {
    return flights.landed(piece);
  }

  /** Nobody fetches the piece: says whether somebody should. */
  boolean giveBack(int piece) {
    if (have.has(piece)) {
      return false;
    }
    picker.giveBack(piece);
    return true;
  }

  /** The store refused a piece. */
  void pause(long nowNanos) {
    pausedUntilNanos = nowNanos + PAUSE_NANOS;
  }

  // ---- the choice

  /** Those that were late come last: they get what nobody else takes. */
  void assignAll(Collection<Partner> partners, long nowNanos) {
    List<Partner> inTurn = new ArrayList<>(partners);
    Collections.rotate(inTurn, turn++);
    for (Partner partner : inTurn) {
      if (!ledger.isSlow(partner.remote.address())) {
        assign(partner, inTurn.size(), nowNanos);
      }
    }
    for (Partner partner : inTurn) {
      assign(partner, inTurn.size(), nowNanos);
    }
  }

  /** Fetches from {@code partner} what it has room for. */
  void assign(Partner partner, int partners, long nowNanos) {
    if (partner.choking || nowNanos - pausedUntilNanos < 0) {
      return;
    }
    boolean slow = ledger.isSlow(partner.remote.address());
    int room = slow ? 1 : partner.room;
    while (partner.fetching.size() < room) {
      int window = slow ? 0 : window(partners);
      int piece = slow ? -1 : urgent(partner, nowNanos);
      if (piece < 0) {
        piece = picker.pick(partner.has(), readers, window);
      }
      if (piece < 0 && !slow) {
        piece = endGame(partner, nowNanos);
      }
      if (piece < 0) {
        return;
      }
      flights.started(piece, partner.link.id(), nowNanos);
      partner.fetching.add(piece);
      partner.link.fetch(piece, ledger.stallNanos());
    }
  }

  /**
   * How far ahead of the readers to fetch in order. With one source in order throughout; with more,
   * one piece at a time and the rest rarest first, else all peers that read at once would want the
   * same pieces and have nothing for each other.
   */
  private int window(int partners) {
    int window = transfer.readerWindow();
    if (partners > 1) {
      for (int reader : readers) {
        for (int piece = reader; piece < Math.min(reader + window, pieceCount); piece++) {
          if (flights.contains(piece)) {
            return 0;
          }
        }
      }
    }
    return window;
  }

  /** What the first reader waits for, when whoever fetches it is much later than others are. */
  private int urgent(Partner partner, long nowNanos) {
    if (readers.isEmpty() || !mayDuplicate()) {
      return -1;
    }
    int piece = readers.getFirst();
    boolean late = flights.isLate(piece, partner.link.id(), nowNanos, 4 * ledger.lateNanos());
    return late && piece < pieceCount && partner.has(piece) ? piece : -1;
  }

  private int endGame(Partner partner, long nowNanos) {
    if (picker.openPieces() > 0 || !mayDuplicate()) {
      return -1;
    }
    // While the origin still delivers, everything known is always under way: no reason to hurry.
    long late = knownCount == pieceCount ? ledger.lateNanos() : 8 * ledger.lateNanos();
    return flights.late(partner.link.id(), partner.has(), nowNanos, late);
  }

  private boolean mayDuplicate() {
    return flights.duplicates() < transfer.endGameDuplicates();
  }
}
