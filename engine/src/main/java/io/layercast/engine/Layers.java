package io.layercast.engine;

import akka.NotUsed;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * The layer blobs of this node as its registry front asks for them: an agent's come from the swarm,
 * a proxy's from its store and the origin.
 */
public interface Layers {

  /**
   * Asks for a blob on behalf of one caller. Every call asks for the origin's consent anew (or uses
   * a consent that is still valid). The stage fails never.
   */
  CompletionStage<Answer> open(OriginAccess access, Digest digest);

  /** What a caller is told. */
  sealed interface Answer {}

  /**
   * The caller may read it.
   *
   * @param sizeBytes of the whole blob; empty only for a blob that streams without a swarm
   */
  record Granted(OptionalLong sizeBytes, Body body) implements Answer {}

  /** The origin's no. */
  record Refused(Refusal refusal) implements Answer {}

  /** Nobody could be asked, or nobody has it. */
  record Unavailable(String cause) implements Answer {}

  /** A blob's bytes, as often as asked for. */
  @FunctionalInterface
  interface Body {
    /**
     * Verified bytes {@code [from, to)} in order as they arrive, {@code to} empty for the end. The
     * last piece waits for the verdict on the whole blob. The source fails when the blob turns out
     * wrong or every way to the bytes is gone; nobody must then see a clean end.
     */
    Source<ByteString, NotUsed> read(long from, OptionalLong to);
  }
}
