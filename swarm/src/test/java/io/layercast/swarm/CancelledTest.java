package io.layercast.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.layercast.swarm.wire.PeerMessage;
import org.junit.jupiter.api.Test;

final class CancelledTest {
  private final Cancelled cancelled = new Cancelled(2);

  @Test
  void eachCancel_isAnsweredOnce() {
    cancelled.add(block(0));
    cancelled.add(block(0));

    assertThat(cancelled.answered(block(1))).isFalse();
    assertThat(cancelled.answered(block(0))).isTrue();
    assertThat(cancelled.answered(block(0))).isTrue();
    assertThat(cancelled.answered(block(0))).isFalse();
  }

  @Test
  void beyondTheBound_theOldestIsForgotten() {
    for (int i = 0; i < 3; i++) {
      cancelled.add(block(i));
    }

    assertThat(cancelled.answered(block(0))).isFalse();
    assertThat(cancelled.answered(block(1))).isTrue();
    assertThat(cancelled.answered(block(2))).isTrue();
  }

  private static PeerMessage.Request block(int number) {
    return new PeerMessage.Request(0, number * 16_384, 16_384);
  }
}
