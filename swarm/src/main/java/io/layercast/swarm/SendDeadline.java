package io.layercast.swarm;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * Whether a peer takes what is to be sent to it fast enough: what waits holds memory that other
 * peers need, so a byte now and then is not enough. Times are nanoseconds of one clock.
 */
final class SendDeadline {
  /** What a peer has to take within the timeout, if not all. */
  static final int LEAST_TAKEN_BYTES = 256 * 1024;

  private final long timeoutNanos;
  private boolean isBehind;
  private long sinceNanos;
  private long takenBefore;

  SendDeadline(Duration timeout) {
    timeoutNanos = timeout.toNanos();
  }

  /** Something waits for the peer, who has taken so much so far. */
  void waits(long nowNanos, long takenBytes) {
    if (!isBehind) {
      begin(nowNanos, takenBytes);
    }
  }

  /** From here on it has the whole timeout. */
  void begin(long nowNanos, long takenBytes) {
    isBehind = true;
    sinceNanos = nowNanos;
    takenBefore = takenBytes;
  }

  /** It has taken all there was. */
  void caughtUp() {
    isBehind = false;
  }

  /** How long until the next look; zero when the peer is too slow; empty while nothing waits. */
  OptionalLong look(long nowNanos, long takenBytes) {
    if (!isBehind) {
      return OptionalLong.empty();
    }
    long left = timeoutNanos - (nowNanos - sinceNanos);
    if (left > 0) {
      return OptionalLong.of(left);
    }
    if (takenBytes - takenBefore < LEAST_TAKEN_BYTES) {
      return OptionalLong.of(0);
    }
    begin(nowNanos, takenBytes);
    return OptionalLong.of(timeoutNanos);
  }
}
