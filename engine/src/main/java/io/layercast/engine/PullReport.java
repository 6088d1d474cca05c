package io.layercast.engine;

import java.util.Locale;

/**
 * How an agent's download of one layer went. Its text is the one log line that says why a pull was
 * slow.
 *
 * @param storedBytes what earlier pulls had left on this disk
 * @param cause empty when it is {@link Result#DONE} or {@link Result#CACHED}
 */
public record PullReport(
    Digest digest,
    Result result,
    String cause,
    long sizeBytes,
    long storedBytes,
    Bytes bytes,
    Stages stages,
    Wait slowestWait) {

  /** What became of it. */
  public enum Result {
    /** It came. */
    DONE,
    /** It was here, whole. */
    CACHED,
    /** Its bytes were not what the digest says. */
    REJECTED,
    /** No way to its bytes was left; readers were told. */
    STUCK,
    /** The store could not begin it; readers get it past the store. */
    UNSTORED
  }

  /** Layer bytes of this download, by where they came from. */
  public record Bytes(long fromProxies, long fromAgents, long overHttp, long wasted) {}

  /**
   * How long each stage took: the proxy's consent, then until the first piece, until the last,
   * until the verdict on the whole.
   */
  public record Stages(long askNanos, long firstNanos, long restNanos, long verdictNanos) {
    public long totalNanos() {
      return askNanos + firstNanos + restNanos + verdictNanos;
    }
  }

  /**
   * The longest time without a new piece.
   *
   * @param piece the one that ended it; -1 when none came
   */
  public record Wait(long nanos, int piece) {}

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "pull of %s %s%s in %.3f s (ask %.3f, first piece %.3f, rest %.3f, verdict %.3f): %d bytes,"
            + " %d were here, %d from proxies, %d from agents, %d over HTTP, %d wasted; slowest"
            + " wait %.3f s for %s",
        digest,
        result.name().toLowerCase(Locale.ROOT),
        cause.isEmpty() ? "" : " (" + cause + ")",
        seconds(stages.totalNanos()),
        seconds(stages.askNanos),
        seconds(stages.firstNanos),
        seconds(stages.restNanos),
        seconds(stages.verdictNanos),
        sizeBytes,
        storedBytes,
        bytes.fromProxies,
        bytes.fromAgents,
        bytes.overHttp,
        bytes.wasted,
        seconds(slowestWait.nanos),
        slowestWait.piece < 0 ? "nothing" : "piece " + slowestWait.piece);
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }
}
