package io.layercast.engine;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How much memory for pieces may be lent at a time: what there is, and no more than the node's
 * download rate fills within {@code ahead}. What is asked for beyond that waits in the node's own
 * queue and, once it is asked of another, comes twice. Nor less than {@code leastBytes}: a node
 * that gets few pieces at a time gets each from few peers, and the others are idle.
 *
 * @param limitBytes of all memory
 */
public record PieceBudget(long limitBytes, long leastBytes, Duration ahead) {
  /** What {@code layercast.engine.piece-buffers} describes. */
  public static PieceBudget from(Config config) {
    Config own = config.getConfig("layercast.engine.piece-buffers");
    return new PieceBudget(own.getBytes("limit"), own.getBytes("least"), own.getDuration("ahead"));
  }

  /**
   * Whether {@code bytes} more may be lent; a piece alone always, if there is memory for it.
   *
   * @param bytesPerSecond the download rate; 0 is unlimited
   */
  public boolean allows(long lentBytes, int bytes, long bytesPerSecond) {
    long after = lentBytes + bytes;
    long inTime = (long) (bytesPerSecond * (ahead.toMillis() / 1e3));
    boolean comesInTime =
        lentBytes == 0 || bytesPerSecond == 0 || after <= Math.max(leastBytes, inTime);
    return comesInTime && after <= limitBytes;
  }
}
