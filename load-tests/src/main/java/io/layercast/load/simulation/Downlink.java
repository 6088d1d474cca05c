package io.layercast.load.simulation;

import io.layercast.engine.rate.TokenBucket;

/** What enters a node: blocks in the order of their arrival, through the node's one bucket. */
final class Downlink {
  private final TokenBucket bucket;
  private final long bytesPerSecond;
  private long clock;
  private long passedBytes;

  Downlink(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
    this.bucket = new TokenBucket(bytesPerSecond, 0);
  }

  /** When a block that arrives then has passed. Arrivals come in order. */
  long pass(long arrivalNanos, int bytes) {
    long at = Math.max(arrivalNanos, clock);
    at += bucket.nanosUntilOpen(at);
    bucket.take(bytes);
    clock = at;
    passedBytes += bytes;
    double most = bytesPerSecond * (at / 1e9 + 0.02) + bytes + 1;
    if (passedBytes > most) {
      throw new BrokenInvariant(
          "%d bytes entered a node that may take %.0f by %.3f s"
              .formatted(passedBytes, most, at / 1e9));
    }
    return at;
  }
}
