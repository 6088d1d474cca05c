package io.layercast.swarm;

import io.layercast.engine.PieceSet;
import io.layercast.swarm.wire.PeerId;

/**
 * What the peers of a swarm hold, and who of them lacks pieces. One that had everything when it
 * came is a seed: the picker does not count its pieces. Pure; not thread-safe.
 */
final class PeerHoldings {
  private final PiecePicker picker;
  private final PieceSet have;
  private final PeerId self;
  private int counted;
  private int countedBefore;
  private int seeds;

  /**
   * @param have what is here, kept by the caller
   */
  PeerHoldings(PiecePicker picker, PieceSet have, PeerId self) {
    this.picker = picker;
    this.have = have;
    this.self = self;
  }

  /** Peers that did not have everything when they came. */
  int counted() {
    return counted;
  }

  /** Of these, whose id comes before this node's. */
  int countedBefore() {
    return countedBefore;
  }

  int seeds() {
    return seeds;
  }

  /** All that the peer has, as it says. */
  void holds(Partner partner, PieceSet pieces) {
    forget(partner);
    partner.holds(pieces);
    partner.heard = true;
    if (partner.uncounted) {
      seeds++;
    } else {
      count(partner, 1);
      pieces.stream().forEach(picker::peerHas);
    }
    partner.useful = (int) pieces.stream().filter(piece -> !have.has(piece)).count();
  }

  void gained(Partner partner, int piece) {
    if (!partner.heard) {
      partner.heard = true; // a peer with nothing may leave out its bitfield
      count(partner, 1);
    }
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
        seeds--;
        count(partner, 1);
        partner.has().stream().forEach(picker::peerHas);
      }
      partner.lost(piece);
      picker.peerLost(piece);
      partner.useful -= have.has(piece) ? 0 : 1;
    }
  }

  /** What the peer has said counts no more. */
  void forget(Partner partner) {
    if (partner.heard && partner.uncounted) {
      seeds--;
    } else if (partner.heard) {
      count(partner, -1);
      picker.peerGone(partner.has());
    }
  }

  private void count(Partner partner, int change) {
    counted += change;
    countedBefore += partner.remote.peerId().compareTo(self) < 0 ? change : 0;
  }
}
