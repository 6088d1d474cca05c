package io.layercast.engine;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How much memory for pieces may be lent at a time: what there is, and no more than the node's
 * download rate fills within {@code ahead}. What is asked for beyond that waits in the node's own
 * queue, looks like a slow peer's doing and, once it is asked of another, comes twice.
 *
 * @param limitBytes of all memory
 */
public record PieceBudget(long limitBytes, Duration ahead) {
  /** What {@code layercast.engine.piece-buffers} describes. */
  public static PieceBudget from(Config config) {
    Config own = config.getConfig("layercast.engine.piece-buffers");
    return new PieceBudget(own.getBytes("limit"), own.getDuration("ahead"));
  }

  /**
   * Whether {@code bytes} more may be lent; a piece alone always, if there is memory for it.
   *
   * @param bytesPerSecond the download rate; 0 is unlimited
   */
  public boolean allows(long lentBytes, int bytes, long bytesPerSecond) {
    long after = lentBytes + bytes;
    boolean comesInTime =
        lentBytes == 0 || bytesPerSecond == 0 || after <= bytesAhead(bytesPerSecond);
    return comesInTime && after <= limitBytes;
  }

  /**
   * How many pieces of {@code pieceBytes} each of {@code sharers} may have under way, 1 at least.
   *
   * @param bytesPerSecond the download rate; 0 is unlimited
   */
  public int piecesEach(int pieceBytes, int sharers, long bytesPerSecond) {
    long inTime = bytesPerSecond == 0 ? limitBytes : (long) bytesAhead(bytesPerSecond);
    long most = Math.min(limitBytes, inTime);
    return (int) Math.max(1, Math.ceilDiv(most, (long) pieceBytes * Math.max(1, sharers)));
  }

  private double bytesAhead(long bytesPerSecond) {
    return bytesPerSecond * (ahead.toMillis() / 1e3);
  }
}
