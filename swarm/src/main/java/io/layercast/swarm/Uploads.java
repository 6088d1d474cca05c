package io.layercast.swarm;

import io.layercast.engine.PieceLayout;
import io.layercast.engine.SharedBlob;
import io.layercast.swarm.wire.PeerMessage;
import io.layercast.swarm.wire.WireException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/** The sending half of a session: the peer's requests, bounded. Owned by its session's stage. */
final class Uploads {
  /** Where things go from here. */
  interface Exit {
    void send(PeerMessage message);

    /** The last block of a piece has been given out. */
    void served();
  }

  /** What standard clients may ask for; above it they break the protocol (ADR 5). */
  private static final int MAX_FOREIGN_BLOCK_BYTES = 128 * 1024;

  private final SharedBlob blob;
  private final PieceLayout layout;
  private final SwarmSettings.Transfer transfer;
  private final boolean foreign;
  private final boolean fast;
  private final int maxBlockBytes;
  private final Exit exit;

  private final Queue<PeerMessage.Request> waiting = new ArrayDeque<>();
  private final Set<Integer> allowedFast = new HashSet<>();

  /** Bytes asked for of pieces that were not asked for whole yet. */
  private final Map<Integer, Integer> begun = new HashMap<>();

  private boolean choking = true;

  Uploads(
      SharedBlob blob,
      SwarmSettings.Transfer transfer,
      boolean foreign,
      boolean fast,
      int blockBytes,
      Exit exit) {
    this.blob = blob;
    this.layout = blob.layout();
    this.transfer = transfer;
    this.foreign = foreign;
    this.fast = fast;
    this.maxBlockBytes = foreign ? MAX_FOREIGN_BLOCK_BYTES : blockBytes;
    this.exit = exit;
  }

  /** Whether this peer may be served at all now. */
  private boolean serves() {
    return switch (blob.state()) {
      case GROWING -> !foreign;
      case SEALED -> true;
      case REJECTED -> false;
    };
  }

  void unchoke() {
    if (choking && serves()) {
      choking = false;
      allowedFast.clear();
      exit.send(PeerMessage.Unchoke.UNCHOKE);
    }
  }

  /** Pieces that are half served may be finished (BEP 6), so that no half piece is thrown away. */
  void choke() {
    if (choking) {
      return;
    }
    choking = true;
    if (fast) {
      for (int piece : begun.keySet()) {
        allowedFast.add(piece);
        exit.send(new PeerMessage.AllowedFast(piece));
      }
    } else {
      waiting.clear();
    }
    exit.send(PeerMessage.Choke.CHOKE);
  }

  /**
   * @throws WireException when the range is outside the blob or longer than agreed
   */
  void request(PeerMessage.Request request) throws WireException {
    int piece = request.piece();
    if (piece >= layout.pieceCount()) {
      throw new WireException("a request for piece " + piece + " of " + layout.pieceCount());
    }
    long end = (long) request.begin() + request.lengthBytes();
    if (request.lengthBytes() == 0
        || request.lengthBytes() > maxBlockBytes
        || end > layout.lengthOf(piece)) {
      throw new WireException(
          "a request for %d bytes at %d".formatted(request.lengthBytes(), request.begin()));
    }
    boolean welcome = !choking || allowedFast.contains(piece);
    if (!welcome || waiting.size() >= transfer.requestQueue() || !blob.has(piece) || !serves()) {
      reject(request);
      return;
    }
    int asked = begun.merge(piece, request.lengthBytes(), Integer::sum);
    if (asked >= layout.lengthOf(piece)) {
      begun.remove(piece);
      allowedFast.remove(piece);
    } else if (begun.size() > transfer.requestQueue()) {
      begun.clear(); // a peer that hops about gets no favours
    }
    waiting.add(request);
  }

  void cancel(PeerMessage.Cancel cancel) {
    PeerMessage.Request request =
        new PeerMessage.Request(cancel.piece(), cancel.begin(), cancel.lengthBytes());
    if (waiting.remove(request)) {
      begun.remove(cancel.piece());
      reject(request);
    }
  }

  /**
   * Takes what is to go out in one go, in the order it was asked for: of {@code bytes} at most, but
   * one block at least when {@link #owes}.
   */
  List<PeerMessage.Request> take(int bytes) {
    List<PeerMessage.Request> taken = new ArrayList<>();
    int room = bytes;
    while (!waiting.isEmpty() && (taken.isEmpty() || waiting.element().lengthBytes() <= room)) {
      PeerMessage.Request next = waiting.remove();
      taken.add(next);
      room -= next.lengthBytes();
      if (next.begin() + next.lengthBytes() == layout.lengthOf(next.piece())) {
        exit.served();
      }
    }
    return taken;
  }

  /** The disk did not give them. */
  void unreadable(List<PeerMessage.Request> requests) {
    requests.forEach(this::reject);
  }

  /** Whether something that was asked for is still to be given out. */
  boolean owes() {
    return !waiting.isEmpty();
  }

  private void reject(PeerMessage.Request request) {
    if (fast) {
      exit.send(new PeerMessage.Reject(request.piece(), request.begin(), request.lengthBytes()));
    }
  }
}
