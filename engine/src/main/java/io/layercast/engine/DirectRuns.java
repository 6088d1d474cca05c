package io.layercast.engine;

import akka.stream.Attributes;
import akka.util.ByteString;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * An attribute of a stream that ends at one socket: bytes of blobs do not pass through it. What
 * does are stand-ins of their length, without content, in whose place and order the socket sends
 * the bytes from the disk itself. Such a stream must neither look into its elements nor cut, join
 * or drop them. Thread-safe.
 */
public final class DirectRuns implements Attributes.Attribute {
  /** The length of a stand-in at most. */
  static final int LONGEST_BYTES = 4 << 20;

  private static final ByteString BLANK = blank();

  private final Queue<StandIn> announced = new ConcurrentLinkedQueue<>();

  /** One for a run's bytes, to go into the stream. */
  StandIn announce(BlobRun run, Runnable onMore) {
    StandIn standIn = new StandIn(BLANK.take((int) run.lengthBytes()), onMore);
    standIn.give(run);
    announced.add(standIn);
    return standIn;
  }

  /**
   * What an element that has come to the socket stands for; empty when it is what it is.
   *
   * @throws IllegalStateException when stand-ins came in another order than they were announced
   */
  @SuppressWarnings("ReferenceEquality") // what it holds says nothing
  public Optional<StandIn> claim(ByteString element) {
    StandIn next = announced.peek();
    if (next != null && next.element() == element) {
      announced.remove();
      return Optional.of(next);
    }
    if (announced.stream().anyMatch(other -> other.element() == element)) {
      throw new IllegalStateException("a stand-in was lost on its way");
    }
    return Optional.empty();
  }

  private static ByteString blank() {
    ByteString some = ByteString.fromArrayUnsafe(new byte[PieceLayout.CHUNK_BYTES]);
    ByteString all = ByteString.emptyByteString();
    while (all.size() < LONGEST_BYTES) {
      all = all.concat(some);
    }
    return all;
  }
}
