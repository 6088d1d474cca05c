package io.layercast.swarm;

import io.layercast.engine.PieceBuffer;
import io.layercast.engine.PieceBuffers;
import io.layercast.swarm.wire.Incoming;
import io.layercast.swarm.wire.PeerMessage;
import io.layercast.swarm.wire.WireException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a session: the pieces it was told to fetch, their outstanding requests, and
 * the buffers their blocks are copied into, once each. Owned by its session's stage; a buffer
 * belongs to its piece here until the piece is whole and is then the {@link Exit}'s to release.
 */
final class Downloads {
  /** Where things go from here. */
  interface Exit {
    void send(PeerMessage message);

    /** Ask for these blocks, in one go. */
    void request(List<PeerMessage.Request> requests);

    /** The piece is whole: verify, store, release the buffer. */
    void store(int piece, PieceBuffer buffer, long nanos);

    /** The piece will not come from this peer. */
    void notFetched(int piece, Outcome outcome);

    /** Bytes came that are of no use. */
    void wasted(int bytes);
  }

  private static final int MAX_ALLOWED_FAST = 64;

  private static final class Fetching {
    final int piece;
    final int lengthBytes;
    @Nullable PieceBuffer buffer;
    int requestedBytes;
    int receivedBytes;
    long startedNanos;

    Fetching(int piece, int lengthBytes) {
      this.piece = piece;
      this.lengthBytes = lengthBytes;
    }
  }

  private record BlockKey(int piece, int begin) {}

  /** A request that is not answered yet; of no piece any more once that was given up. */
  private static final class Outstanding {
    final PeerMessage.Request request;
    final long sentNanos;
    final boolean alone;
    @Nullable Fetching fetching;

    Outstanding(PeerMessage.Request request, long sentNanos, boolean alone, Fetching fetching) {
      this.request = request;
      this.sentNanos = sentNanos;
      this.alone = alone;
      this.fetching = fetching;
    }
  }

  private final RequestPipeline pipeline;
  private final PieceBuffers buffers;
  private final Exit exit;
  private final boolean fast;
  private final int requestQueue;

  private final Map<Integer, Fetching> fetching = new LinkedHashMap<>();
  private final Map<BlockKey, Outstanding> outstanding = new LinkedHashMap<>();
  private final Cancelled cancelled;
  private final Set<Integer> allowedFast = new HashSet<>();
  private int outstandingBytes;

  /** Bytes that may still come although nobody asks for them any more (a cancel crossed them). */
  private long tolerableBytes;

  private boolean choked = true;
  private long lastProgressNanos;

  /** The block that is coming in: what it answers, if anything, and how far it came. */
  private @Nullable Outstanding current;

  private int currentBytes;
  private int currentLengthBytes;

  Downloads(
      RequestPipeline pipeline, PieceBuffers buffers, boolean fast, int requestQueue, Exit exit) {
    this.pipeline = pipeline;
    this.buffers = buffers;
    this.fast = fast;
    this.requestQueue = requestQueue;
    this.cancelled = new Cancelled(requestQueue);
    this.exit = exit;
  }

  /** Refused when a choke has crossed the order: nothing of the piece can be asked for. */
  void fetch(int piece, int lengthBytes, long nowNanos) {
    if (choked && !allowedFast.contains(piece)) {
      exit.notFetched(piece, Outcome.REFUSED);
      return;
    }
    fetching.put(piece, new Fetching(piece, lengthBytes));
    fill(nowNanos);
  }

  /** Somebody else was quicker. */
  void abandon(int piece) {
    Fetching dropped = fetching.remove(piece);
    if (dropped != null) {
      drop(dropped);
    }
  }

  void unchoked(long nowNanos) {
    choked = false;
    fill(nowNanos);
  }

  void choked() {
    choked = true;
    if (!fast) {
      // BEP 3: a choke throws away what was requested.
      forgetAnswers();
    }
    giveUpStuck(Outcome.REFUSED);
  }

  void allowedFast(int piece, long nowNanos) {
    if (allowedFast.size() < MAX_ALLOWED_FAST && allowedFast.add(piece)) {
      fill(nowNanos);
    }
  }

  void rejected(PeerMessage.Reject reject, long nowNanos) {
    if (cancelled.answered(
        new PeerMessage.Request(reject.piece(), reject.begin(), reject.lengthBytes()))) {
      tolerableBytes -= reject.lengthBytes();
      return;
    }
    BlockKey key = new BlockKey(reject.piece(), reject.begin());
    Outstanding answered = outstanding.get(key);
    if (answered == null || answered.request.lengthBytes() != reject.lengthBytes()) {
      return; // never asked for, or cancelled so long ago that it is forgotten
    }
    forget(key, answered);
    if (answered.fetching != null) {
      giveUp(answered.fetching, Outcome.REFUSED);
    }
    fill(nowNanos);
  }

  /** The head of a block. */
  void onStart(Incoming.Start start) throws WireException {
    Outstanding asked = outstanding.get(new BlockKey(start.piece(), start.begin()));
    cancelled.answered(new PeerMessage.Request(start.piece(), start.begin(), start.lengthBytes()));
    currentBytes = 0;
    currentLengthBytes = start.lengthBytes();
    if (asked != null && asked.request.lengthBytes() == start.lengthBytes()) {
      current = asked;
      return;
    }
    current = null;
    tolerableBytes -= start.lengthBytes();
    if (tolerableBytes < 0) {
      throw new WireException("a block nobody asked for");
    }
  }

  /** Some of the block's bytes. */
  void onPart(ByteBuffer bytes, long nowNanos) {
    int length = bytes.remaining();
    Outstanding block = current;
    if (block == null || block.fetching == null) {
      exit.wasted(length);
    } else {
      ByteBuffer target = memory(block.fetching);
      target.position(block.request.begin() + currentBytes);
      target.put(bytes);
    }
    currentBytes += length;
    lastProgressNanos = nowNanos;
    pipeline.received(length, nowNanos);
    if (currentBytes == currentLengthBytes && block != null) {
      onBlock(block, nowNanos);
    }
  }

  private void onBlock(Outstanding block, long nowNanos) {
    current = null;
    forget(new BlockKey(block.request.piece(), block.request.begin()), block);
    if (block.alone) {
      pipeline.answeredAlone(nowNanos - block.sentNanos);
    }
    Fetching piece = block.fetching;
    if (piece != null) {
      piece.receivedBytes += block.request.lengthBytes();
      if (piece.receivedBytes == piece.lengthBytes) {
        fetching.remove(piece.piece);
        allowedFast.remove(piece.piece);
        PieceBuffer whole = piece.buffer;
        piece.buffer = null;
        if (whole != null) {
          exit.store(piece.piece, whole, nowNanos - piece.startedNanos);
        }
      }
    }
    if (choked) {
      giveUpStuck(Outcome.REFUSED);
    }
    fill(nowNanos);
  }

  /**
   * Sends requests up to the pipeline's target, several at once: each message costs both ends a
   * wake-up. Called whenever there may be room.
   */
  void fill(long nowNanos) {
    if (!outstanding.isEmpty()
        && pipeline.targetBytes() - outstandingBytes < pipeline.batchBytes()) {
      return; // what is outstanding keeps the wire busy; each block that comes calls again
    }
    List<PeerMessage.Request> requests = new ArrayList<>();
    for (Fetching piece : fetching.values()) {
      if (choked && !allowedFast.contains(piece.piece)) {
        continue;
      }
      if (!request(piece, nowNanos, requests)) {
        break;
      }
    }
    if (!requests.isEmpty()) {
      exit.request(requests);
    }
  }

  /** Adds what is to be asked for of the piece; says whether there is room for the next. */
  private boolean request(Fetching piece, long nowNanos, List<PeerMessage.Request> requests) {
    while (piece.requestedBytes < piece.lengthBytes) {
      if (outstandingBytes >= pipeline.targetBytes() || outstanding.size() >= requestQueue) {
        return false;
      }
      if (piece.buffer == null) {
        Optional<PieceBuffer> taken = buffers.tryTake(piece.lengthBytes);
        if (taken.isEmpty()) {
          return false; // onFree calls again
        }
        piece.buffer = taken.get();
        piece.startedNanos = nowNanos;
      }
      requests.add(nextOf(piece, nowNanos));
    }
    return true;
  }

  private PeerMessage.Request nextOf(Fetching piece, long nowNanos) {
    int begin = piece.requestedBytes;
    int length = Math.min(pipeline.blockBytes(), piece.lengthBytes - begin);
    PeerMessage.Request request = new PeerMessage.Request(piece.piece, begin, length);
    boolean alone = outstanding.isEmpty();
    if (alone) {
      lastProgressNanos = nowNanos;
      pipeline.resumed(nowNanos);
    }
    outstanding.put(
        new BlockKey(piece.piece, begin), new Outstanding(request, nowNanos, alone, piece));
    outstandingBytes += length;
    piece.requestedBytes += length;
    return request;
  }

  /** For how long the peer owes us bytes and none of a block came; 0 when it owes nothing. */
  long overdueNanos(long nowNanos) {
    return outstanding.isEmpty() ? 0 : nowNanos - lastProgressNanos;
  }

  /** Gives up every piece that is not whole. */
  void giveUpAll(Outcome outcome) {
    for (Fetching piece : List.copyOf(fetching.values())) {
      giveUp(piece, outcome);
    }
  }

  /** Releases what is held, when the session ends. */
  void close() {
    fetching.values().forEach(Downloads::release);
    fetching.clear();
  }

  /** Choked, and no answer is due that could bring a piece further: others may fetch it. */
  private void giveUpStuck(Outcome outcome) {
    Set<Fetching> moving = new HashSet<>();
    for (Outstanding each : outstanding.values()) {
      if (each.fetching != null) {
        moving.add(each.fetching);
      }
    }
    for (Fetching piece : new ArrayList<>(fetching.values())) {
      if (!moving.contains(piece) && !allowedFast.contains(piece.piece)) {
        giveUp(piece, outcome);
      }
    }
  }

  private void giveUp(Fetching piece, Outcome outcome) {
    if (fetching.remove(piece.piece, piece)) {
      drop(piece);
      exit.notFetched(piece.piece, outcome);
    }
  }

  /** Cancels what is outstanding of the piece; its answers may still come, one is coming in. */
  private void drop(Fetching piece) {
    exit.wasted(piece.receivedBytes);
    release(piece);
    for (Iterator<Outstanding> it = outstanding.values().iterator(); it.hasNext(); ) {
      Outstanding each = it.next();
      if (each.fetching == piece) {
        it.remove();
        each.fetching = null;
        outstandingBytes -= each.request.lengthBytes();
        if (each != current) {
          cancel(each.request);
        }
      }
    }
  }

  private void cancel(PeerMessage.Request request) {
    tolerableBytes += request.lengthBytes();
    cancelled.add(request);
    exit.send(new PeerMessage.Cancel(request.piece(), request.begin(), request.lengthBytes()));
  }

  private void forgetAnswers() {
    for (Iterator<Outstanding> it = outstanding.values().iterator(); it.hasNext(); ) {
      Outstanding each = it.next();
      if (each != current) {
        tolerableBytes += each.request.lengthBytes();
        outstandingBytes -= each.request.lengthBytes();
        it.remove();
      }
    }
  }

  private void forget(BlockKey key, Outstanding block) {
    if (outstanding.remove(key, block)) {
      outstandingBytes -= block.request.lengthBytes();
    }
  }

  private static ByteBuffer memory(Fetching piece) {
    if (piece.buffer == null) {
      throw new IllegalStateException("requested without memory");
    }
    return piece.buffer.bytes();
  }

  private static void release(Fetching piece) {
    if (piece.buffer != null) {
      piece.buffer.release();
      piece.buffer = null;
    }
  }
}
