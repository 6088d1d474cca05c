package io.layercast.load.simulation;

import io.layercast.engine.IngestPlan;
import org.jspecify.annotations.Nullable;

/** Pieces that a node's {@link io.layercast.engine.Fallback} has it get from a proxy over HTTP. */
final class OverHttp implements Sender {
  private final Part to;
  private final Part from;
  private final IngestPlan.Stretch pieces;
  private int sending;
  private int sentBytes;
  private int receiving;
  private int receivedBytes;
  private long lastByteNanos;
  private boolean over;

  /** A round trip and a half until the first block leaves: the connection is there. */
  OverHttp(Part to, Part from, IngestPlan.Stretch pieces) {
    this.to = to;
    this.from = from;
    this.pieces = pieces;
    this.sending = pieces.begin();
    this.receiving = pieces.begin();
    this.lastByteNanos = agenda().now();
    agenda().after(to.node.fleet.halfTripNanos, () -> from.node.up.offer(this));
  }

  private Agenda agenda() {
    return to.node.fleet.agenda;
  }

  private int lengthOf(int piece) {
    return to.layer.layout().lengthOf(piece);
  }

  /** Whether the proxy is dead, or nothing has come for so long that the node gives it up. */
  boolean isBroken(long nowNanos) {
    return from.node.isDead()
        || nowNanos - lastByteNanos > to.node.fleet.engine.agent().progressTimeout().toNanos();
  }

  boolean isOver() {
    return over;
  }

  /** What has come of a piece that is not whole is lost. */
  void giveUp() {
    over = true;
    to.node.fleet.wastedBytes += receivedBytes;
  }

  private boolean isLive() {
    return !over && !to.node.isDead() && !from.node.isDead();
  }

  // ---- sending

  @Override
  public boolean hasBlocks() {
    return isLive() && sending < pieces.end() && from.have().has(sending);
  }

  @Override
  public boolean isAwaited() {
    return false;
  }

  @Override
  public @Nullable Parcel nextBlock() {
    if (!hasBlocks()) {
      return null;
    }
    int bytes = Math.min(to.node.fleet.quantumBytes, lengthOf(sending) - sentBytes);
    sentBytes += bytes;
    if (sentBytes == lengthOf(sending)) {
      sending++;
      sentBytes = 0;
    }
    return new Chunk(bytes);
  }

  @Override
  public void served() {}

  private final class Chunk extends Event implements Parcel {
    private final int bytes;

    Chunk(int bytes) {
      this.bytes = bytes;
    }

    @Override
    public int bytes() {
      return bytes;
    }

    @Override
    public boolean isLast() {
      return false; // a desk has no slot for it
    }

    @Override
    public void leave() {
      long arrival = agenda().now() + to.node.fleet.halfTripNanos;
      agenda().at(to.node.down.pass(arrival, bytes), this);
    }

    @Override
    void happen() {
      onBytes(bytes);
    }
  }

  // ---- receiving

  private void onBytes(int bytes) {
    if (over || to.node.isDead()) {
      return;
    }
    lastByteNanos = agenda().now();
    to.node.progress(lastByteNanos);
    receivedBytes += bytes;
    if (receivedBytes == lengthOf(receiving)) {
      int piece = receiving++;
      receivedBytes = 0;
      boolean isLast = receiving == pieces.end();
      over = isLast;
      agenda()
          .after(to.node.fleet.storeNanos(lengthOf(piece)), () -> to.cameOverHttp(piece, isLast));
    }
  }
}
