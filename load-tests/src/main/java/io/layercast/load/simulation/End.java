package io.layercast.load.simulation;

import io.layercast.engine.PieceSet;
import io.layercast.swarm.Link;
import io.layercast.swarm.Outcome;
import io.layercast.swarm.Remote;
import io.layercast.swarm.RequestPipeline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection: what a session does in production, with messages as events. Sends the
 * blocks its peer asked for and asks for the pieces its policy ordered.
 */
final class End extends Link implements Sender {
  final Part part;
  final Remote remote;
  boolean waitsForBuffer;

  private final long id;
  private final RequestPipeline pipeline;
  private final List<Fetching> fetching = new ArrayList<>(4);
  private final ArrayDeque<Block> queue = new ArrayDeque<>(4);
  private @Nullable End peer;
  private boolean open = true;
  private boolean told;
  private boolean choked = true;
  private boolean choking = true;
  private int outstandingBytes;
  private int outstandingBlocks;
  private long lastProgressNanos;

  /** When what the peer has sent will have passed this node's own limit. */
  private long waitsHereUntilNanos;

  private long lastAskedNanos;
  private long stallNanos;

  End(Part part, Remote remote) {
    this.part = part;
    this.remote = remote;
    this.id = part.node.fleet.nextId();
    this.pipeline = new RequestPipeline(part.node.fleet.transfer, part.node.fleet.quantumBytes);
    this.lastAskedNanos = now();
  }

  void joins(End other) {
    peer = other;
  }

  End peer() {
    return Objects.requireNonNull(peer);
  }

  private long now() {
    return part.node.fleet.agenda.now();
  }

  /** What is said to the peer arrives there if both sides are open and alive by then. */
  private static final class Word extends Event {
    private final End from;
    private final Runnable deed;

    Word(End from, Runnable deed) {
      this.from = from;
      this.deed = deed;
    }

    @Override
    void happen() {
      if (from.peer().isLive() && !from.part.node.isDead()) {
        deed.run();
      }
    }
  }

  /** To the peer, half a round trip later. */
  private void tell(int controlBytes, Runnable deed) {
    Fleet fleet = part.node.fleet;
    fleet.controlBytes += controlBytes;
    fleet.agenda.after(fleet.halfTripNanos, new Word(this, deed));
  }

  private boolean isLive() {
    return open && !part.node.isDead();
  }

  // ---- what the policy orders

  @Override
  public long id() {
    return id;
  }

  /** The policy accepted the connection. */
  boolean isTold() {
    return told;
  }

  @Override
  public void start(PieceSet have) {
    told = true;
    PieceSet claimed = part.claimed(have);
    tell(5 + have.pieceCount() / 8, () -> peer().part.policy.has(peer(), claimed.copy(), now()));
  }

  @Override
  public void haves(int[] pieces) {
    part.broadcast(this, pieces);
  }

  /** Some of the peer's pieces are new. */
  void onHaves(int[] pieces) {
    if (isLive()) {
      part.policy.hasMore(this, pieces, now());
    }
  }

  @Override
  public void interest(boolean interested) {
    tell(5, () -> peer().onInterest(interested));
  }

  private void onInterest(boolean interested) {
    lastAskedNanos = now();
    if (!interested) {
      choking = true;
    }
    part.node.desk.interest(this, interested);
  }

  /** The node's desk gave or took a slot. */
  void unchoke(boolean unchoked) {
    if (unchoked == choking) {
      choking = !unchoked;
      lastAskedNanos = now();
      tell(5, () -> peer().onChoke(!unchoked));
    }
  }

  private void onChoke(boolean nowChoked) {
    choked = nowChoked;
    part.policy.choking(this, nowChoked, now());
    if (nowChoked) {
      // Pieces that are half asked for are allowed to be finished.
      for (Fetching each : List.copyOf(fetching)) {
        if (each.requestedBytes == 0) {
          giveUp(each, Outcome.REFUSED);
        }
      }
    } else {
      fill();
    }
  }

  @Override
  public void fetch(int piece, long patienceNanos) {
    stallNanos = patienceNanos;
    if (open) {
      fetching.add(new Fetching(this, piece, part.layer.layout().lengthOf(piece)));
      fill();
    }
  }

  @Override
  public void abandon(int piece) {
    for (Fetching each : List.copyOf(fetching)) {
      if (each.piece == piece) {
        drop(each);
      }
    }
    fill();
  }

  @Override
  public void close(String cause) {
    end();
  }

  @Override
  public long lastAskedNanos() {
    return lastAskedNanos;
  }

  // ---- receiving

  /** Asks for as much as the pipeline has room for. */
  void fill() {
    for (int i = 0; i < fetching.size(); i++) {
      Fetching piece = fetching.get(i);
      if (choked && piece.requestedBytes == 0) {
        continue;
      }
      while (piece.requestedBytes < piece.lengthBytes) {
        if (outstandingBytes >= pipeline.targetBytes()) {
          return;
        }
        if (!piece.buffered) {
          if (!part.node.takeBuffer(this, piece.lengthBytes)) {
            return;
          }
          piece.buffered = true;
          piece.startedNanos = now();
        }
        request(piece);
      }
    }
  }

  void bufferFree() {
    waitsForBuffer = false;
    fill();
  }

  private void request(Fetching piece) {
    int bytes = Math.min(pipeline.blockBytes(), piece.lengthBytes - piece.requestedBytes);
    boolean alone = outstandingBlocks == 0;
    if (alone) {
      lastProgressNanos = now();
      pipeline.resumed(now());
    }
    outstandingBytes += bytes;
    outstandingBlocks++;
    piece.requestedBytes += bytes;
    Block block = new Block(piece, bytes, alone, now());
    Fleet fleet = part.node.fleet;
    fleet.controlBytes += 17L * Math.ceilDiv(bytes, fleet.transfer.blockBytes());
    End sender = peer();
    if (sender.queue.isEmpty()) {
      fleet.agenda.after(fleet.halfTripNanos, block);
    } else {
      sender.onRequest(block); // will not be its turn before it has arrived
    }
  }

  void waitsHereUntil(long nanos) {
    waitsHereUntilNanos = nanos;
  }

  void onBlock(Block block) {
    if (!isLive() || part.node.isDead()) {
      return;
    }
    Fetching piece = block.fetching;
    if (piece.dropped) {
      part.node.fleet.wastedBytes += block.bytes;
      return;
    }
    outstandingBytes -= block.bytes;
    outstandingBlocks--;
    long now = now();
    lastProgressNanos = now;
    part.node.progress(now);
    pipeline.received(block.bytes, now);
    if (block.alone) {
      pipeline.answeredAlone(now - block.askedNanos);
    }
    piece.receivedBytes += block.bytes;
    if (piece.receivedBytes == piece.lengthBytes) {
      fetching.remove(piece);
      part.node.fleet.agenda.after(
          part.node.fleet.storeNanos(piece.lengthBytes),
          () -> onWhole(piece, now - piece.startedNanos));
    }
    fill();
  }

  /** The piece is hashed, and written when it is right. */
  private void onWhole(Fetching piece, long tookNanos) {
    Node node = part.node;
    node.giveBuffer(piece.lengthBytes);
    if (node.isDead()) {
      return;
    }
    Outcome outcome = part.store(piece.piece, peer().part);
    if (outcome == Outcome.STORED) {
      part.policy.stored(piece.piece, now()); // the blob says so before the session does
    } else {
      node.fleet.wastedBytes += piece.lengthBytes;
    }
    ended(piece, outcome, tookNanos);
    part.readersMoved();
  }

  private void ended(Fetching piece, Outcome outcome, long tookNanos) {
    int room = pipeline.pieces(part.layer.layout().pieceBytes());
    part.policy.fetchEnded(this, remote, piece.piece, outcome, tookNanos, room, now());
  }

  private void giveUp(Fetching piece, Outcome outcome) {
    drop(piece);
    ended(piece, outcome, 0);
  }

  private void drop(Fetching piece) {
    fetching.remove(piece);
    piece.dropped = true;
    int awaited = piece.requestedBytes - piece.receivedBytes;
    outstandingBytes -= awaited;
    outstandingBlocks = outstandingBytes == 0 ? 0 : Math.max(1, outstandingBlocks - 1);
    part.node.fleet.wastedBytes += piece.receivedBytes;
    if (piece.buffered) {
      part.node.giveBuffer(piece.lengthBytes);
    }
  }

  /** Every second. */
  void checkStall(long now) {
    boolean isListening = now >= waitsHereUntilNanos;
    if (open && isListening && outstandingBytes > 0 && now - lastProgressNanos > stallNanos) {
      for (Fetching each : List.copyOf(fetching)) {
        giveUp(each, Outcome.STALLED);
      }
    }
  }

  // ---- sending

  void onRequest(Block block) {
    if (!isLive()) {
      return;
    }
    if (choking && block.fetching.requestedBytes == block.bytes && queue.isEmpty()) {
      Fetching refused = block.fetching;
      tell(
          17,
          () -> {
            if (!refused.dropped) {
              refused.receiver.giveUp(refused, Outcome.REFUSED);
            }
          });
      return;
    }
    lastAskedNanos = now();
    queue.add(block);
    part.node.up.offer(this);
  }

  @Override
  public void served() {
    part.node.desk.served(this);
  }

  @Override
  public boolean hasBlocks() {
    return !queue.isEmpty();
  }

  @Override
  public boolean isAwaited() {
    return true;
  }

  @Override
  public @Nullable Block nextBlock() {
    if (!isLive() || !peer().isLive()) {
      queue.clear();
      return null;
    }
    Block block = queue.poll();
    while (block != null && block.fetching.dropped) {
      block = queue.poll();
    }
    if (block != null) {
      lastAskedNanos = now();
      part.checkServes(block.fetching.piece);
    }
    return block;
  }

  // ---- the end

  /** Closes this side now and the other when it hears of it. */
  private void end() {
    if (open) {
      Agenda agenda = part.node.fleet.agenda;
      agenda.after(0, this::onClosed);
      agenda.after(part.node.fleet.halfTripNanos, () -> peer().onClosed());
    }
  }

  private void onClosed() {
    if (!open) {
      return;
    }
    open = false;
    queue.clear();
    for (Fetching each : List.copyOf(fetching)) {
      drop(each);
    }
    part.node.closed(this);
    if (!part.node.isDead()) {
      part.policy.gone(this, remote, now());
      part.policy.dialEnded(remote.address(), now());
    }
  }
}
