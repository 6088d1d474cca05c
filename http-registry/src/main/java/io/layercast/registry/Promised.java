package io.layercast.registry;

import akka.NotUsed;
import akka.stream.javadsl.Source;
import akka.util.ByteString;

/** Holds a body to the length that was promised before it. */
final class Promised {
  /** A body that ended early or ran over. */
  static final class WrongLengthException extends RuntimeException {
    WrongLengthException(String message) {
      super(message);
    }
  }

  private Promised() {}

  /** The same bytes; fails instead of ending when they are not exactly so many. Runs once. */
  static Source<ByteString, NotUsed> exactly(Source<ByteString, NotUsed> body, long lengthBytes) {
    long[] seen = {0};
    return body.map(
            bytes -> {
              seen[0] += bytes.size();
              if (seen[0] > lengthBytes) {
                throw new WrongLengthException(
                    "more than the promised %d bytes".formatted(lengthBytes));
              }
              return bytes;
            })
        .concatLazy(
            Source.lazySource(() -> {
              if (seen[0] != lengthBytes) {
                throw new WrongLengthException(
                    "%d of the promised %d bytes".formatted(seen[0], lengthBytes));
              }
              return Source.<ByteString>empty();
            }));
  }
}
