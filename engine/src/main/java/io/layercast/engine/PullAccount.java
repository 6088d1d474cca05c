package io.layercast.engine;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** What a download on an agent is to be reported with, and whether that has been. */
final class PullAccount {
  private final Digest digest;
  private final PullListener pulls;
  private final Logger log;
  private PullTimes times = new PullTimes(System.nanoTime(), System.nanoTime());
  private long storedBytesAtStart;
  private boolean isReported;

  PullAccount(Digest digest, PullListener pulls, Logger log) {
    this.digest = digest;
    this.pulls = pulls;
    this.log = log;
  }

  /** Somebody asks for what nobody has asked for so far. */
  void asked(PullTimes of) {
    times = of;
  }

  PullTimes times() {
    return times;
  }

  /** From now on it is a download into this. */
  void begins(LiveBlob blob) {
    PieceSet have = blob.have();
    storedBytesAtStart = have.stream().mapToLong(blob.layout()::lengthOf).sum();
    isReported = false;
  }

  /** It is whole and sealed. */
  void done(LiveBlobs.Hosted hosted, long overHttpBytes) {
    boolean wasHere = storedBytesAtStart == hosted.blob().layout().sizeBytes() && !times.hasPiece();
    report(wasHere ? PullReport.Result.CACHED : PullReport.Result.DONE, "", hosted, overHttpBytes);
  }

  /** Tells how it went, once. */
  void report(
      PullReport.Result result,
      String cause,
      LiveBlobs.@Nullable Hosted hosted,
      long overHttpBytes) {
    if (isReported) {
      return;
    }
    isReported = result != PullReport.Result.STUCK; // it may come all the same
    Swarms.Traffic traffic =
        hosted == null ? new Swarms.Traffic(0, 0, 0, 0, 0) : hosted.member().traffic();
    PullReport report =
        new PullReport(
            digest,
            result,
            cause,
            hosted == null ? 0 : hosted.blob().layout().sizeBytes(),
            storedBytesAtStart,
            new PullReport.Bytes(
                traffic.fromSeeds(), traffic.fromPeers(), overHttpBytes, traffic.wasted()),
            times.stages(System.nanoTime()),
            times.slowestWait());
    pulls.reported(report);
    if (result != PullReport.Result.CACHED) {
      log.info("{}", report);
    }
  }
}
