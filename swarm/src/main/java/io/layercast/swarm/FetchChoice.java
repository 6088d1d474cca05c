package io.layercast.swarm;

import io.layercast.engine.PieceSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Which piece to fetch from which peer, when. Keeps what is here, what is known, and what is under
 * way. Pure; not thread-safe.
 */
final class FetchChoice {
  /** After the store refused a piece: fetching more at once would only waste the wire. */
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  /** So many times what is under way at once is near enough to a reader to be fetched first. */
  private static final int NEAR_TIMES = 4;

  /** So many times as far ahead is what seeds give a crowd to pass on. */
  private static final int SPREAD_TIMES = 2;

  /** One part in so many of those that lack pieces: what they all have is no rare piece. */
  private static final int PLENTY_PART = 4;

  private final SwarmSettings.Transfer transfer;
  private final PeerLedger ledger;
  private final PieceShares.Share share;
  private final PiecePicker picker;
  private final Flights flights = new Flights();
  private final int pieceCount;
  private final PieceSet have;
  private final PieceSet known;
  private final PeerHoldings held;
  private int haveCount;
  private int knownCount;
  private List<Integer> readers = List.of();
  private boolean wanted;
  private long pausedUntilNanos;
  private long readersSinceNanos;

  /** The last piece from a seed in a crowd was what a reader waits for. */
  private boolean readerHadTurn;

  private int turn;

  FetchChoice(SwarmPolicy.Setup setup, PeerLedger ledger, long nowNanos) {
    this.transfer = setup.settings().transfer();
    this.ledger = ledger;
    this.share = setup.share();
    this.pieceCount = setup.pieceCount();
    this.picker = new PiecePicker(pieceCount, setup.seed());
    this.have = PieceSet.empty(pieceCount);
    this.known = PieceSet.empty(pieceCount);
    this.held = new PeerHoldings(picker, have, setup.self());
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
  boolean readers(List<Integer> newReaders, boolean isWanted, long nowNanos) {
    if (!newReaders.equals(readers)) {
      readersSinceNanos = nowNanos;
    }
    readers = newReaders;
    boolean changed = wanted != isWanted;
    wanted = isWanted;
    return changed;
  }

  // ---- what the peers have

  PeerHoldings held() {
    return held;
  }

  void gone(Partner partner) {
    held.forget(partner);
    flights.peerGone(partner.link.id()).forEach(picker::giveBack);
    flightsChanged();
  }

  // ---- what is under way

  /** The peer no longer fetches the piece; says whether nobody does. */
  boolean ended(int piece, long peer, Optional<Partner> partner) {
    boolean wasUnderWay = flights.isFetching(piece, peer);
    partner.filter(_ -> wasUnderWay).ifPresent(known -> known.fetching--);
    boolean orphaned = flights.ended(piece, peer);
    flightsChanged();
    return orphaned;
  }

  private void flightsChanged() {
    share.isUsed(flights.size() > 0);
  }

  /** Whether more may be under way. */
  boolean hasRoom() {
    return flights.size() + flights.duplicates() < share.pieces();
  }

  /** The piece is here: gives the peers that still fetch it. */
  List<Long> landed(int piece) {
    List<Long> others = flights.landed(piece);
    flightsChanged();
    return others;
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
  void assignAll(Collection<Partner> partners, boolean crowd, long nowNanos) {
    List<Partner> inTurn = new ArrayList<>();
    for (Partner partner : partners) {
      if (!partner.choking && partner.useful > 0) {
        inTurn.add(partner);
      }
    }
    Collections.rotate(inTurn, turn++);
    for (Partner partner : inTurn) {
      if (!partner.slow) {
        assign(partner, crowd, nowNanos);
      }
    }
    for (Partner partner : inTurn) {
      assign(partner, crowd, nowNanos);
    }
  }

  /**
   * Fetches from {@code partner}, who would send something useful, what it has room for; in a crowd
   * one piece at a time, unless that is so quick that the wire would idle meanwhile: what is
   * promised to one is not chosen from another.
   *
   * @param crowd whether other peers lack pieces too
   */
  void assign(Partner partner, boolean crowd, long nowNanos) {
    if (nowNanos - pausedUntilNanos < 0) {
      return;
    }
    boolean slow = partner.slow;
    int room = slow || (crowd && !partner.isQuick()) ? 1 : partner.room;
    while (partner.fetching < room) {
      int piece = slow ? -1 : urgent(partner, nowNanos);
      if (piece < 0 && !hasRoom()) {
        return; // but what a reader waits for may not be held up by who is late
      }
      if (piece < 0 && partner.nothingSince != picker.opened()) {
        piece = pick(partner, slow, crowd, nowNanos);
      }
      if (piece < 0 && !slow) {
        piece = endGame(partner, nowNanos);
      }
      if (piece < 0) {
        return;
      }
      flights.started(piece, partner.link.id(), nowNanos);
      flightsChanged();
      partner.fetching++;
      partner.link.fetch(piece, ledger.stallNanos());
    }
  }

  /**
   * Alone with seeds: in order. In a crowd what is near a reader: in order what many have, else the
   * rarest. From seeds first what nobody else has, each node its own part of that, and where most
   * lack pieces only the rarest, from further ahead: else all that read at once fetch the same
   * pieces from the seeds and have nothing for each other. What a reader waits for next comes first
   * while none of it is under way: from those that lack pieces too, and from a seed only every
   * other piece, when the reader has waited for long.
   */
  private int pick(Partner partner, boolean slow, boolean crowd, long nowNanos) {
    boolean fromSeed = crowd && partner.uncounted;
    boolean inOrder =
        !slow
            && !(crowd && isReaderServed())
            && !(fromSeed && (readerHadTurn || isPatient(nowNanos)));
    int piece = crowd && !slow && !inOrder ? pickNear(partner) : -1;
    if (piece < 0) {
      int window = crowd ? transfer.readerWindow() : Math.max(near(), transfer.readerWindow());
      piece = picker.pick(partner.has(), readers, inOrder ? window : 0);
    }
    if (piece < 0) {
      partner.nothingSince = picker.opened();
    } else if (fromSeed) {
      readerHadTurn = inOrder;
    }
    return piece;
  }

  private int pickNear(Partner partner) {
    int counted = held.counted();
    boolean spreads = partner.uncounted && counted > held.seeds();
    int window = spreads ? SPREAD_TIMES * near() : near();
    if (partner.uncounted) {
      int piece =
          picker.pickStripe(partner.has(), readers, window, counted + 1, held.countedBefore());
      if (piece >= 0) {
        return piece;
      }
    }
    int plenty = spreads ? Integer.MAX_VALUE : Math.ceilDiv(counted, PLENTY_PART);
    return picker.pickNear(partner.has(), readers, window, plenty);
  }

  /** How many pieces from a reader on are near it; none of a blob so short that all would be. */
  private int near() {
    long near = (long) NEAR_TIMES * share.pieces();
    return near < pieceCount ? (int) near : 0;
  }

  private boolean isPatient(long nowNanos) {
    return nowNanos - readersSinceNanos < transfer.readerPatience().toNanos();
  }

  /** Whether something that a reader wants next is under way. */
  private boolean isReaderServed() {
    for (int reader : readers) {
      int end = Math.min(reader + transfer.readerWindow(), pieceCount);
      for (int piece = reader; piece < end; piece++) {
        if (flights.contains(piece)) {
          return true;
        }
      }
    }
    return false;
  }

  /** What the first reader waits for, when whoever fetches it is much later than others are. */
  private int urgent(Partner partner, long nowNanos) {
    if (readers.isEmpty() || !mayDuplicate()) {
      return -1;
    }
    int piece = readers.getFirst();
    boolean late = flights.isLate(piece, partner.link.id(), nowNanos, ledger.readerLateNanos());
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
