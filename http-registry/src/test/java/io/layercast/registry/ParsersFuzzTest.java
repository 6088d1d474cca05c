package io.layercast.registry;

import akka.util.ByteString;
import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;

/** Whatever comes in, these parsers end and throw nothing but what they say. */
class ParsersFuzzTest {
  @FuzzTest
  void challenge(FuzzedDataProvider data) {
    String header = data.consumeRemainingAsString();
    List<Challenge> challenges = Challenge.parse(header);
    for (Challenge challenge : challenges) {
      if (!Challenge.parse(challenge.render()).equals(List.of(challenge))) {
        throw new AssertionError("does not come back: " + header);
      }
    }
  }

  @FuzzTest
  void range(FuzzedDataProvider data) {
    long size = data.consumeLong(0, Long.MAX_VALUE);
    if (ByteRange.parse(Optional.of(data.consumeRemainingAsString()), size)
            instanceof ByteRange.Part(long from, long to)
        && (from < 0 || from >= to || to > size)) {
      throw new AssertionError("%d to %d of %d".formatted(from, to, size));
    }
  }

  @FuzzTest
  void path(FuzzedDataProvider data) {
    var _ = FrontPath.parse("/v2/" + data.consumeRemainingAsString());
  }

  @FuzzTest
  void frame(byte[] data) {
    try {
      MetainfoFrames.Frame frame = again(MetainfoFrames.decode(ByteString.fromArray(data)));
      if (!again(frame).equals(frame)) {
        throw new AssertionError("does not come back");
      }
    } catch (MetainfoFrames.MalformedFrameException _) {
      // the one it says
    }
  }

  /** Sent and received; of a cause that is no UTF-8 what is left is. */
  private static MetainfoFrames.Frame again(MetainfoFrames.Frame frame) {
    return MetainfoFrames.decode(MetainfoFrames.encode(frame).drop(4));
  }
}
