package io.layercast.engine;

import akka.NotUsed;
import akka.stream.javadsl.Flow;
import akka.util.ByteString;
import java.util.List;
import java.util.OptionalLong;

/**
 * Cuts bytes {@code [from, to)} out of a body that may begin before and end after them. Of a body
 * that goes on after them no more is read; one that ends with them is left to end, for the sake of
 * its connection.
 */
public final class ByteWindow {
  private record Part(ByteString bytes, boolean isLast) {}

  private ByteWindow() {}

  /**
   * @param sentFrom the offset of the body's first byte, at most {@code from}
   * @param to empty for the body's end
   */
  public static Flow<ByteString, ByteString, NotUsed> of(
      long sentFrom, long from, OptionalLong to) {
    return Flow.of(ByteString.class)
        .statefulMapConcat(() ->
            new akka.japi.function.Function<ByteString, Iterable<Part>>() {
              private long skip = from - sentFrom;
              private long left = to.isPresent() ? to.getAsLong() - from : Long.MAX_VALUE;

              @Override
              public Iterable<Part> apply(ByteString chunk) {
                int begin = (int) Math.min(skip, chunk.size());
                int end = begin + (int) Math.min(chunk.size() - begin, left);
                skip -= begin;
                left -= end - begin;
                return List.of(new Part(chunk.slice(begin, end), end < chunk.size()));
              }
            })
        .takeWhile(part -> !part.isLast(), true)
        .map(Part::bytes)
        .filter(ByteString::nonEmpty);
  }
}
