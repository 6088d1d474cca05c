package io.layercast.swarm;

import io.layercast.engine.PeerDirectory.Peer;
import io.layercast.engine.PieceSet;
import io.layercast.engine.SharedBlob.State;
import io.layercast.swarm.wire.PeerId;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Everything one node decides in one swarm: whom to dial, whom to keep, what to fetch from whom,
 * what to tell whom and when to ask for more peers. It is told what happened and gives its orders
 * to {@link Link}s and its {@link Surroundings}. Pure: time comes in as nanoseconds, chance from a
 * seed. Not thread-safe.
 */
public final class SwarmPolicy {
  /** What is ordered beside the links. */
  public interface Surroundings {
    /** Opens a connection; says whether the node had room for one more, and one more there. */
    boolean dial(Peer peer);

    /** The holding changed in a way others care for. */
    void holdingChanged();

    /** More peers are wanted than the last handout gave. */
    void wantPeers();

    /** Call {@link SwarmPolicy#sendHaves} after so long. */
    void sendHavesAfter(long nanos);
  }

  /**
   * Who and what it decides for.
   *
   * @param advertised where other nodes reach this one
   * @param seeds the ticket's
   * @param share bounds the pieces that are under way at once
   */
  public record Setup(
      SwarmSettings settings,
      PeerId self,
      InetSocketAddress advertised,
      List<InetSocketAddress> seeds,
      int pieceCount,
      PieceShares.Share share,
      long seed) {}

  private static final String TWIN = "connected twice";

  private final Setup setup;
  private final SwarmSettings settings;
  private final Surroundings around;
  private final PeerLedger ledger;
  private final ConnectionChoice choice;
  private final FetchChoice fetches;
  private final Partners partners;

  private State state = State.GROWING;
  private List<Integer> newHaves = new ArrayList<>();
  private long lastHavesNanos;
  private long askedForPeersNanos;

  public SwarmPolicy(Setup setup, Surroundings around, long nowNanos) {
    this.setup = setup;
    this.settings = setup.settings;
    this.around = around;
    this.ledger = new PeerLedger(settings.deadlines());
    this.choice =
        new ConnectionChoice(settings.connections(), ledger, setup.advertised, setup.seeds);
    this.fetches = new FetchChoice(setup, ledger, nowNanos);
    this.partners = new Partners(settings, setup.self, setup.pieceCount);
    this.lastHavesNanos = nowNanos;
    this.askedForPeersNanos = nowNanos;
  }

  /** Pieces that are here or known before anybody is connected. Then comes {@link #tick}. */
  public void begin(PieceSet have, PieceSet known) {
    have.stream().forEach(fetches::addHere);
    known.stream().forEach(fetches::addKnown);
  }

  // ---- connections

  /** These were handed out. */
  public void heardOf(List<Peer> peers, long nowNanos) {
    choice.heardOf(peers);
    dial(nowNanos);
  }

  /** These are seeds too, as another ticket says. */
  public void met(List<InetSocketAddress> seeds, long nowNanos) {
    choice.met(seeds);
    dial(nowNanos);
  }

  /** A dial is over, opened or not. */
  public void dialEnded(InetSocketAddress address, long nowNanos) {
    if (choice.dialEnded(address)) {
      ledger.closed(address, nowNanos);
    }
  }

  /** A peer has proven to belong. It is started or closed. */
  public void opened(Link link, Remote remote, long nowNanos) {
    choice.dialEnded(remote.address());
    Optional<Partner> twin = partners.twinOf(remote);
    Optional<String> objection = objectionTo(remote, twin, nowNanos);
    if (objection.isPresent()) {
      ledger.closed(remote.address(), nowNanos);
      link.close(objection.get());
      return;
    }
    twin.ifPresent(other -> other.link.close(TWIN));
    partners.add(link, remote, ledger.isSlow(remote.address()), nowNanos);
    boolean hides = remote.foreign() && state != State.SEALED;
    link.start(hides ? PieceSet.empty(setup.pieceCount) : fetches.have().copy());
  }

  private Optional<String> objectionTo(Remote remote, Optional<Partner> twin, long nowNanos) {
    if (state == State.REJECTED) {
      return Optional.of("the blob was rejected");
    }
    if (ledger.isAvoided(remote.address(), nowNanos)) {
      return Optional.of("sent wrong pieces or flooded before");
    }
    if (twin.isPresent()) {
      return partners.survives(remote, twin.get()) ? Optional.empty() : Optional.of(TWIN);
    }
    if (!partners.hasRoom(wantsMore(), nowNanos)) {
      return Optional.of("enough connections");
    }
    return Optional.empty();
  }

  /** A link that was {@link #opened} has ended. */
  public void gone(Link link, Remote remote, long nowNanos) {
    Partner partner = partners.remove(link.id());
    if (partner == null) {
      return;
    }
    ledger.closed(remote.address(), nowNanos);
    fetches.gone(partner);
    assignAll(nowNanos);
  }

  /** The peer of a link, which ends itself, said far more than its blocks call for. */
  public void flooded(Remote remote, long nowNanos) {
    ledger.flooded(remote.address(), nowNanos);
  }

  /** Connections of this swarm that have proven to belong. */
  public int connections() {
    return partners.size();
  }

  /** Ends every connection. */
  public void closeAll(String cause) {
    for (Partner partner : partners.all()) {
      partner.link.close(cause);
    }
  }

  private boolean wantsMore() {
    return fetches.wantsMore() && state != State.REJECTED;
  }

  private void dial(long nowNanos) {
    if (!wantsMore()) {
      return;
    }
    int most = partners.most(true);
    for (Peer peer : choice.toDial(partners.size(), most, partners::isConnected, nowNanos)) {
      if (around.dial(peer)) {
        choice.dialled(peer.address());
      } else {
        ledger.putOff(peer.address(), nowNanos); // others may be at hosts that have room
      }
    }
  }

  // ---- what the peers say

  public void has(Link link, PieceSet pieces, long nowNanos) {
    Partner partner = partners.find(link);
    if (partner != null) {
      fetches.held().holds(partner, pieces);
      updateInterest(partner);
      assign(partner, nowNanos);
    }
  }

  public void hasMore(Link link, int[] pieces, long nowNanos) {
    Partner partner = partners.find(link);
    if (partner != null) {
      for (int piece : pieces) {
        fetches.held().gained(partner, piece);
      }
      updateInterest(partner);
      assign(partner, nowNanos);
    }
  }

  public void choking(Link link, boolean choking, long nowNanos) {
    Partner partner = partners.find(link);
    if (partner != null) {
      partner.choking = choking;
      assign(partner, nowNanos);
    }
  }

  /**
   * A {@link Link#fetch} is over.
   *
   * @param tookNanos from the first request to the last byte, for a piece that was stored
   * @param room how many pieces to have under way with this peer
   */
  public void fetchEnded(
      Link link,
      Remote remote,
      int piece,
      Outcome outcome,
      long tookNanos,
      int room,
      long nowNanos) {
    InetSocketAddress address = remote.address();
    Partner partner = partners.find(link);
    if (partner != null) {
      partner.room = room;
      partner.lastUseNanos = nowNanos;
    }
    boolean wasFull = !fetches.hasRoom();
    boolean orphaned = fetches.ended(piece, link.id(), Optional.ofNullable(partner));
    switch (outcome) {
      case STORED, DUPLICATE -> {
        if (partner != null) {
          partner.tookNanos = tookNanos;
          partner.slow = false;
        }
        ledger.delivered(address, tookNanos);
        stored(piece, nowNanos);
      }
      case WRONG_HASH -> {
        ledger.lied(address, nowNanos);
        link.close("sent a wrong piece");
      }
      case STALLED -> {
        if (partner != null) {
          partner.slow = true;
        }
        ledger.stalled(address);
      }
      case REFUSED -> {
        if (partner != null && !partner.choking) {
          fetches.held().hasNot(partner, piece);
          updateInterest(partner);
        }
      }
      case OVERTAKEN -> {} // stored() comes, if its bytes get to the disk
      case NOT_STORED -> fetches.pause(nowNanos);
    }
    boolean isOpenAgain = orphaned && fetches.giveBack(piece);
    if (partner != null && !isOpenAgain) {
      assign(partner, nowNanos);
    }
    if (isOpenAgain || (wasFull && fetches.hasRoom())) {
      assignAll(nowNanos);
    }
  }

  // ---- what is here

  /** The piece's hash is known. */
  public void known(int piece, long nowNanos) {
    if (fetches.addKnown(piece)) {
      assignAll(nowNanos);
    }
  }

  /** The piece is stored here, from wherever. */
  public void stored(int piece, long nowNanos) {
    boolean wasFull = !fetches.hasRoom();
    if (!fetches.addHere(piece)) {
      return;
    }
    fetches.addKnown(piece);
    List<Partner> freed = new ArrayList<>();
    for (long other : fetches.landed(piece)) {
      Partner partner = partners.find(other);
      if (partner != null) {
        // Ends what is still under way; means nothing to the one who just delivered it.
        partner.fetching--;
        partner.link.abandon(piece);
        freed.add(partner);
      }
    }
    changeUse(piece, -1);
    if (fetches.haveCount() == setup.pieceCount) {
      around.holdingChanged();
    }
    newHaves.add(piece);
    long due = lastHavesNanos + settings.deadlines().haveDelay().toNanos() - nowNanos;
    if (due <= 0) {
      sendHaves(nowNanos);
    } else if (newHaves.size() == 1) {
      around.sendHavesAfter(due);
    }
    freed.forEach(partner -> assign(partner, nowNanos));
    if (wasFull && fetches.hasRoom()) {
      assignAll(nowNanos);
    }
  }

  /** Tells the peers what is new here. */
  public void sendHaves(long nowNanos) {
    if (newHaves.isEmpty()) {
      return;
    }
    int[] pieces = newHaves.stream().mapToInt(Integer::intValue).toArray();
    newHaves = new ArrayList<>();
    lastHavesNanos = nowNanos;
    for (Partner partner : partners.all()) {
      boolean hides = partner.remote.foreign() && state != State.SEALED;
      if (!partner.hasAll() && !hides) {
        partner.link.haves(pieces);
      }
    }
  }

  /** The piece was stored here and is gone. */
  public void lost(int piece, long nowNanos) {
    if (fetches.lost(piece)) {
      changeUse(piece, 1);
      dial(nowNanos);
      assignAll(nowNanos);
    }
  }

  private void changeUse(int piece, int change) {
    for (Partner partner : partners.all()) {
      if (partner.has(piece)) {
        partner.useful += change;
        updateInterest(partner);
      }
    }
  }

  /**
   * Local readers moved, came or went.
   *
   * @param readers the pieces they wait for, most urgent first
   * @param wanted whether pieces are to be fetched at all
   */
  public void readers(List<Integer> readers, boolean wanted, long nowNanos) {
    if (fetches.readers(readers, wanted, nowNanos)) {
      partners.all().forEach(this::updateInterest);
      dial(nowNanos);
      assignAll(nowNanos);
    }
  }

  /** How far the blob has come. */
  public void state(State newState) {
    state = newState;
    switch (newState) {
      case REJECTED -> closeAll("the blob was rejected");
      case SEALED -> {
        // Standard clients were told of nothing so far.
        int[] pieces = fetches.have().stream().toArray();
        for (Partner partner : partners.all()) {
          if (partner.remote.foreign() && pieces.length > 0) {
            partner.link.haves(pieces);
          }
        }
      }
      case GROWING -> {}
    }
  }

  private void updateInterest(Partner partner) {
    boolean interested = partner.useful > 0 && fetches.isWanted();
    if (interested != partner.interested) {
      partner.interested = interested;
      partner.link.interest(interested);
    }
  }

  private void assign(Partner partner, long nowNanos) {
    if (!partner.choking && partner.useful > 0 && wantsMore()) {
      fetches.assign(partner, isCrowd(), nowNanos);
    }
  }

  private void assignAll(long nowNanos) {
    if (wantsMore()) {
      Collection<Partner> all = partners.all();
      fetches.assignAll(all, isCrowd(), nowNanos);
    }
  }

  /** Whether there are, or soon will be, peers that lack pieces too. */
  private boolean isCrowd() {
    return fetches.held().counted() > 0 || choice.dialling() > 0;
  }

  // ---- time

  /**
   * Whether time alone changes anything: a node may seed hundreds of blobs that nobody asks for.
   */
  public boolean needsTicks() {
    return wantsMore() || partners.size() > 0;
  }

  /** Time has passed. */
  public void tick(long nowNanos) {
    dial(nowNanos);
    assignAll(nowNanos);
    if (wantsMore()
        && partners.size() + choice.dialling() < settings.connections().wantPeersBelow()
        && nowNanos - askedForPeersNanos >= settings.deadlines().wantPeersInterval().toNanos()) {
      askedForPeersNanos = nowNanos;
      around.wantPeers();
    }
    closeUseless(nowNanos);
  }

  /**
   * Neither side can gain from the other any more. Two that have all part at once, since seeds have
   * only so many connections; where something is only not wanted now, a while passes first.
   */
  private void closeUseless(long nowNanos) {
    long useless = settings.deadlines().useless().toNanos();
    boolean whole = fetches.haveCount() == setup.pieceCount;
    for (Partner partner : partners.all()) {
      boolean idle =
          nowNanos - partner.lastUseNanos > useless
              && nowNanos - partner.link.lastAskedNanos() > useless;
      if ((whole || idle) && !partner.interested && partner.hasAll()) {
        partner.link.close("both have everything");
      }
    }
  }
}
