package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TriesTest {
  private final Tries tries = new Tries(3, Duration.ofMillis(200), Duration.ofMillis(700));

  @Test
  void pause_doublesUpToTheLongest() {
    List<Duration> pauses = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      tries.failed(0, 0);
      pauses.add(tries.pause());
    }
    assertThat(pauses.subList(0, 3))
        .containsExactly(Duration.ofMillis(200), Duration.ofMillis(400), Duration.ofMillis(700));
    assertThat(pauses.subList(3, 100)).containsOnly(Duration.ofMillis(700));
  }

  @Test
  void failed_moreOftenThanAllowedInARow_usesThemUp() {
    tries.failed(0, 0);
    tries.failed(0, 0);
    tries.failed(0, 0);
    assertThat(tries.areUsedUp()).isFalse();
    tries.failed(0, 0);
    assertThat(tries.areUsedUp()).isTrue();
    tries.renew();
    assertThat(tries.areUsedUp()).isFalse();
  }

  @Test
  void failed_withProgressSinceTheLast_pardonsThoseBefore() {
    for (int progress = 1; progress < 100; progress++) {
      tries.failed(progress, progress);
      tries.failed(progress, progress);
      assertThat(tries.areUsedUp()).isFalse();
      assertThat(tries.pause()).isEqualTo(Duration.ofMillis(400));
    }
    tries.failed(5, 5);
    tries.failed(99, 99);
    assertThat(tries.areUsedUp()).as("what was lost and came again is no progress").isTrue();
  }

  @Test
  void pause_growsUntilWhatFailedHasWorked() {
    for (int progress = 1; progress < 100; progress++) {
      tries.failed(progress, 7);
    }
    assertThat(tries.areUsedUp()).isFalse();
    assertThat(tries.pause()).isEqualTo(Duration.ofMillis(700));
    tries.failed(100, 8);
    assertThat(tries.pause()).isEqualTo(Duration.ofMillis(200));
  }
}
