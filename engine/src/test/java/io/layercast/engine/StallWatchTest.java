package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StallWatchTest {
  private final StallWatch watch = new StallWatch();

  @Test
  void longest_isThePieceThatIsWaitedForLongestPastTheDeadline() {
    assertThat(watch.longest(List.of(4), 0, 10)).isEmpty();
    assertThat(watch.longest(List.of(4, 2), 5, 10)).isEmpty();
    assertThat(watch.longest(List.of(4, 2), 11, 10)).contains(4);
    assertThat(watch.longest(List.of(2), 12, 10)).isEmpty();
    assertThat(watch.longest(List.of(2), 16, 10)).contains(2);
  }

  @Test
  void longest_startsAnewForAPieceThatWasNotWaitedForMeanwhile() {
    assertThat(watch.longest(List.of(4), 0, 10)).isEmpty();
    assertThat(watch.longest(List.of(), 5, 10)).isEmpty();
    assertThat(watch.longest(List.of(4), 11, 10)).isEmpty();
  }
}
