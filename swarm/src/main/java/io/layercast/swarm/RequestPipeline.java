package io.layercast.swarm;

/**
 * How much to keep requested from one peer, from the rate and the delay it showed.
 *
 * <p>To keep a wire of rate r and delay d busy, r·d bytes must be on their way; the peer's disk,
 * our own limiter's ticks and its turn-taking come on top, for which {@code request-ahead} stands.
 * So {@code r · (d + ahead)}, within bounds. At 100 MB/s, 1 ms and 500 ms that is 50 MB, cut to the
 * maximum of 4 MiB; at 1 MB/s 500 kB: four blocks, not a whole piece of 4 MiB promised to a slow
 * peer.
 *
 * <p>Not thread-safe. Time comes in as nanoseconds.
 */
public final class RequestPipeline {
  /** BEP 3: what every client serves. */
  public static final int STANDARD_BLOCK_BYTES = 16 * 1024;

  private static final long WINDOW_NANOS = 200_000_000;
  private static final double SECOND = 1e9;

  /** A block should not take longer than this, so that a slow peer still shows signs of life. */
  private static final double BLOCK_SECONDS = 0.5;

  private final SwarmSettings.Transfer transfer;
  private final int maxBlockBytes;
  private double bytesPerSecond;
  private double delaySeconds;
  private long windowFromNanos;
  private long windowBytes;

  /**
   * @param maxBlockBytes the largest block both sides agreed on
   */
  public RequestPipeline(SwarmSettings.Transfer transfer, int maxBlockBytes) {
    this.transfer = transfer;
    this.maxBlockBytes = maxBlockBytes;
  }

  /** Requests go out after none were outstanding: idle time is not the peer's. */
  public void resumed(long nowNanos) {
    windowFromNanos = nowNanos;
    windowBytes = 0;
  }

  /** Bytes of blocks came in. */
  public void received(int bytes, long nowNanos) {
    windowBytes += bytes;
    long elapsed = nowNanos - windowFromNanos;
    if (elapsed >= WINDOW_NANOS) {
      double measured = windowBytes * SECOND / elapsed;
      bytesPerSecond = bytesPerSecond == 0 ? measured : (bytesPerSecond + measured) / 2;
      resumed(nowNanos);
    }
  }

  /** A request sent when nothing else was outstanding was answered after {@code nanos}. */
  public void answeredAlone(long nanos) {
    double measured = nanos / SECOND;
    delaySeconds = delaySeconds == 0 ? measured : (3 * delaySeconds + measured) / 4;
  }

  /** How many bytes to keep requested and not yet received. */
  public int targetBytes() {
    if (bytesPerSecond == 0) {
      return Math.clamp(8L * maxBlockBytes, transfer.requestMinBytes(), transfer.requestMaxBytes());
    }
    double ahead = delaySeconds + transfer.requestAhead().toNanos() / SECOND;
    int atLeast =
        Math.max(2 * blockBytes(), Math.min(transfer.requestMinBytes(), 2 * maxBlockBytes));
    return Math.clamp((long) (bytesPerSecond * ahead), atLeast, transfer.requestMaxBytes());
  }

  /** How much room there should be before more is requested, so that it is worth a message. */
  public int batchBytes() {
    return targetBytes() / 4;
  }

  /** How long the next request should be: the largest agreed, less for a slow peer. */
  public int blockBytes() {
    if (bytesPerSecond == 0) {
      return maxBlockBytes;
    }
    long inTime = (long) (bytesPerSecond * BLOCK_SECONDS) / STANDARD_BLOCK_BYTES;
    long wanted = Math.max(1, inTime) * STANDARD_BLOCK_BYTES;
    return (int) Math.min(wanted, maxBlockBytes);
  }

  /** How many pieces to have under way with this peer, those being hashed included. */
  public int pieces(int pieceBytes) {
    int filling = Math.ceilDiv(targetBytes(), pieceBytes);
    return Math.min(1 + filling, transfer.piecesPerPeer());
  }

  public double bytesPerSecond() {
    return bytesPerSecond;
  }
}
