package io.layercast.load.simulation;

import io.layercast.engine.rate.TokenBucket;
import java.util.ArrayDeque;

/**
 * What leaves a node: blocks of all its connections through the node's one bucket, a block of each
 * connection in turn, as the limiter's stage does it.
 */
final class Uplink extends Event {
  private final Agenda agenda;
  private final TokenBucket bucket;
  private final long bytesPerSecond;
  private final ArrayDeque<End> line = new ArrayDeque<>();
  private boolean due;
  private long passedBytes;

  Uplink(Agenda agenda, long bytesPerSecond) {
    this.agenda = agenda;
    this.bytesPerSecond = bytesPerSecond;
    this.bucket = new TokenBucket(bytesPerSecond, agenda.now());
  }

  long passedBytes() {
    return passedBytes;
  }

  /** Whether blocks wait for the limit, beside the one whose turn is next. */
  boolean isSaturated() {
    return line.size() > 1;
  }

  /** The end has blocks to send. */
  void offer(End end) {
    if (!end.inLine && end.hasBlocks()) {
      end.inLine = true;
      line.add(end);
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
    End end = line.poll();
    if (end == null) {
      return;
    }
    end.inLine = false;
    Block block = end.nextBlock();
    if (block != null) {
      bucket.take(block.bytes);
      passedBytes += block.bytes;
      checkCap(block.bytes);
      block.leave();
    }
    offer(end);
    arrange();
    if (block != null && block.last) {
      end.served();
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
