package io.layercast.engine.rate;

/**
 * The arithmetic of a rate: a balance of bytes that grows with time up to a burst and may be
 * overdrawn by one element. Pure: time comes in as {@link System#nanoTime}-like values that do not
 * run backwards. Not thread-safe.
 *
 * <p>An element passes when the balance is above zero, whatever its length, and the balance pays
 * the whole of it. So an element longer than the burst passes and is then waited for, and a rate of
 * less than one element per second is kept. Over a span of {@code t} seconds at most {@code rate ×
 * t + burst + one element} pass: with a burst of 20 ms that is 2 % over a second, 0.2 % over ten.
 *
 * <p>The balance counts byte-nanoseconds (a byte is 10⁹ of them), so that a nanosecond at {@code n}
 * bytes a second is worth exactly {@code n} and nothing is ever rounded. Bounds: a rate of 10¹¹
 * bytes a second makes a burst of 2·10¹⁸, an element of 2³¹ bytes a debt of 2.2·10¹⁸; their
 * distance stays below 2⁶³ = 9.2·10¹⁸.
 */
public final class TokenBucket {
  /** 100 GB/s; no network card is faster, and the arithmetic holds below it. */
  static final long MAX_BYTES_PER_SECOND = 100_000_000_000L;

  private static final long BURST_NANOS = 20_000_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private long bytesPerSecond;
  private long balance;
  private long refilledAtNanos;

  /** A bucket with an empty balance, which is above zero a nanosecond later. */
  public TokenBucket(long bytesPerSecond, long nowNanos) {
    this.bytesPerSecond = bytesPerSecond;
    this.refilledAtNanos = nowNanos;
  }

  /** Whether an element may pass now. */
  public boolean isOpen(long nowNanos) {
    refill(nowNanos);
    return balance > 0;
  }

  /** Pays for an element of {@code bytes}, after {@link #isOpen} said yes. */
  public void take(int bytes) {
    balance -= bytes * NANOS_PER_SECOND;
  }

  /** Takes back a {@link #take} whose element did not pass after all. */
  void giveBack(int bytes) {
    balance = Math.min(burst(), balance + bytes * NANOS_PER_SECOND);
  }

  /** How long until the balance is above zero; 0 when it is. */
  public long nanosUntilOpen(long nowNanos) {
    return isOpen(nowNanos) ? 0 : -balance / bytesPerSecond + 1;
  }

  /** From now on the balance grows at another rate; a debt stays a debt of as many bytes. */
  void setRate(long newBytesPerSecond, long nowNanos) {
    refill(nowNanos);
    bytesPerSecond = newBytesPerSecond;
    balance = Math.min(burst(), balance);
  }

  private void refill(long nowNanos) {
    long elapsed = nowNanos - refilledAtNanos;
    refilledAtNanos = nowNanos;
    long missing = burst() - balance;
    balance =
        elapsed >= missing / bytesPerSecond + 1 ? burst() : balance + elapsed * bytesPerSecond;
    balance = Math.min(burst(), balance);
  }

  private long burst() {
    return bytesPerSecond * BURST_NANOS;
  }
}
