package io.layercast.engine;

import akka.NotUsed;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** The origin registry as an ingest sees it. Implemented by the upstream client. */
public interface OriginBlobs {

  /**
   * Asks the origin for {@code [from, to)} of a blob with one GET; {@code to} empty means to the
   * end. Follows redirects. The stage fails never: trouble is a {@link Broken}.
   */
  CompletionStage<Reply> fetch(OriginAccess access, Digest digest, long from, OptionalLong to);

  /** What the origin said to one GET. */
  sealed interface Reply {}

  /**
   * Bytes follow. An origin that ignores Range answers from 0 whatever was asked: look at {@code
   * from}. The stream must be run or cancelled; it fails when the origin resets or sends less than
   * it promised.
   *
   * @param from offset of the first byte that follows, as the origin's Content-Range (or its
   *     absence) said
   * @param sizeBytes of the whole blob, if the origin told
   */
  record Bytes(long from, OptionalLong sizeBytes, Source<ByteString, NotUsed> body)
      implements Reply {}

  /** 401, 403, 404, 416 and other final answers: the origin's no to this caller. */
  record Refused(Refusal refusal) implements Reply {}

  /** 429 or 503: ask again, not before {@code retryAfter}. */
  record Busy(Refusal refusal, Duration retryAfter) implements Reply {}

  /** No usable answer (no connection, wrong range, redirect loop); worth another try. */
  record Broken(String cause) implements Reply {}
}
