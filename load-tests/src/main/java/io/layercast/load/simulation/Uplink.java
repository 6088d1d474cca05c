package io.layercast.load.simulation;

import io.layercast.engine.rate.TokenBucket;
import io.layercast.engine.rate.WaitingLine;

/**
 * What leaves a node: blocks of all its senders through the node's one bucket, a block of each in
 * turn, as the limiter's stage does it.
 */
final class Uplink extends Event {
  private final Agenda agenda;
  private final TokenBucket bucket;
  private final long bytesPerSecond;
  private final WaitingLine<Sender> line = new WaitingLine<>();
  private boolean due;
  private long passedBytes;

  Uplink(Agenda agenda, long bytesPerSecond) {
    this.agenda = agenda;
    this.bytesPerSecond = bytesPerSecond;
    this.bucket = new TokenBucket(bytesPerSecond, agenda.now());
  }

  long bytesPerSecond() {
    return bytesPerSecond;
  }

  long passedBytes() {
    return passedBytes;
  }

  /** Whether blocks wait for the limit, beside the one whose turn is next. */
  boolean isSaturated() {
    return line.awaitedSize() > 1;
  }

  /** The sender may have blocks to send. */
  void offer(Sender sender) {
    if (sender.hasBlocks()) {
      line.add(sender, sender.isAwaited());
      arrange();
    }
  }

  private void arrange() {
    if (!due && !line.isEmpty()) {
      due = true;
      agenda.after(bucket.nanosUntilOpen(agenda.now()), this);
    }
  }

  @Override
  void happen() {
    due = false;
    if (line.isEmpty()) {
      return;
    }
    Sender sender = line.next();
    Sender.Parcel parcel = sender.nextBlock();
    if (parcel != null) {
      bucket.take(parcel.bytes());
      passedBytes += parcel.bytes();
      checkCap(parcel.bytes());
      parcel.leave();
    }
    offer(sender);
    arrange();
    if (parcel != null && parcel.isLast()) {
      sender.served();
    }
  }

  private void checkCap(int lastBytes) {
    double seconds = agenda.now() / 1e9;
    double most = bytesPerSecond * (seconds + 0.02) + lastBytes + 1;
    if (passedBytes > most) {
      throw new BrokenInvariant(
          "%d bytes left a node that may send %.0f by %.3f s"
              .formatted(passedBytes, most, seconds));
    }
  }
}
