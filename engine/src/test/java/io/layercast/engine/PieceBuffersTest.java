package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PieceBuffersTest {
  private static final int MIB = 1024 * 1024;
  private static final int LIMIT = 16 * MIB;

  private final PieceBuffers buffers = new PieceBuffers(LIMIT);

  @Test
  void bytes_areDirectAndAsLongAsAsked() {
    PieceBuffer buffer = take(100_000);

    assertThat(buffer.bytes().isDirect()).isTrue();
    assertThat(buffer.bytes().position()).isZero();
    assertThat(buffer.bytes().limit()).isEqualTo(100_000);
    assertThat(buffer.bytes().capacity()).isEqualTo(100_000);
  }

  @Test
  void bytes_areViewsOfOneMemory() {
    PieceBuffer buffer = take(4);
    buffer.bytes().putInt(0x01020304);

    assertThat(buffer.bytes().getInt()).isEqualTo(0x01020304);
  }

  @Test
  void tryTake_isEmptyAtTheBoundAndNotAfterARelease() {
    List<PieceBuffer> taken = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      taken.add(take(4 * MIB));
    }

    assertThat(buffers.tryTake(1)).isEmpty();
    taken.getFirst().release();
    assertThat(buffers.tryTake(4 * MIB)).isPresent();
    assertThat(buffers.lentBytes()).isEqualTo(LIMIT);
  }

  @Test
  void release_isIdempotent() {
    PieceBuffer buffer = take(MIB);
    buffer.release();
    buffer.release();

    assertThat(buffers.lentBytes()).isZero();
    assertThat(take(MIB)).isNotSameAs(buffer);
    buffer.release();
    assertThat(buffers.lentBytes()).isEqualTo(MIB);
    assertThatThrownBy(buffer::bytes).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void idleMemory_isUsedAgainAndMakesRoomForAnotherKind() {
    for (int i = 0; i < 100; i++) {
      take(MIB).release();
    }
    assertThat(buffers.allocatedBytes()).isEqualTo(MIB);

    PieceBuffer longest = take(LIMIT);
    assertThat(buffers.allocatedBytes()).isEqualTo(LIMIT);
    longest.release();

    take(MIB);
    assertThat(buffers.allocatedBytes()).isEqualTo(MIB);
  }

  @Test
  void whatIsLent_countsAndHasNoMemoryBeforeItsUse() {
    take(MIB).release();
    PieceBuffer one = buffers.tryTake(MIB).orElseThrow();
    PieceBuffer other = buffers.tryTake(MIB).orElseThrow();
    assertThat(buffers.lentBytes()).isEqualTo(2 * MIB);

    other.bytes().put(0, (byte) 7);
    one.release();
    other.release();

    assertThat(buffers.lentBytes()).isZero();
    assertThat(buffers.allocatedBytes()).isEqualTo(MIB);
  }

  @Test
  void trim_freesOnlyWhatIsIdle() {
    PieceBuffer kept = take(MIB);
    take(4 * MIB).release();
    buffers.trim();

    assertThat(buffers.allocatedBytes()).isEqualTo(MIB);
    kept.bytes().put(MIB - 1, (byte) 1);
  }

  @Test
  void onFree_wakesOnceAfterSomebodyGotNothing() {
    AtomicInteger wakes = new AtomicInteger();
    SharedBlob.Subscription subscription = buffers.onFree(wakes::incrementAndGet);
    PieceBuffer first = take(8 * MIB);
    PieceBuffer second = take(8 * MIB);

    assertThat(buffers.tryTake(1)).isEmpty();
    assertThat(wakes).hasValue(0);
    first.release();
    second.release();
    assertThat(wakes).hasValue(1);

    PieceBuffer third = take(LIMIT);
    assertThat(buffers.tryTake(1)).isEmpty();
    subscription.close();
    third.release();
    assertThat(wakes).hasValue(1);
  }

  @Test
  void onFree_wakesEachFirstInTurn() {
    int[] got = new int[3];
    Deque<PieceBuffer> lent = new ArrayDeque<>();
    for (int i = 0; i < got.length; i++) {
      int asker = i;
      buffers.onFree(() ->
          buffers
              .tryTake(LIMIT)
              .ifPresent(buffer -> {
                got[asker]++;
                lent.push(buffer);
              }));
    }
    lent.push(take(LIMIT));
    for (int i = 0; i < 30; i++) {
      assertThat(buffers.tryTake(LIMIT)).isEmpty();
      lent.pop().release();
    }
    assertThat(got).containsExactly(10, 10, 10);
  }

  @Test
  void lengths_areBounded() {
    take(0).release();
    take(PieceLayout.MAX_PIECE_BYTES).release();
    assertThatThrownBy(() -> buffers.tryTake(PieceLayout.MAX_PIECE_BYTES + 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> buffers.tryTake(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PieceBuffers(LIMIT - 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Integer.toString(LIMIT - 1));
  }

  @Test
  void tryTake_keepsToWhatTheRateIsNow() {
    AtomicLong rate = new AtomicLong(MIB);
    PieceBuffers slow = new PieceBuffers(new PieceBudget(LIMIT, Duration.ofSeconds(2)), rate::get);

    assertThat(slow.tryTake(2 * MIB)).isPresent();
    assertThat(slow.tryTake(MIB)).isEmpty();
    rate.set(2 * MIB);
    assertThat(slow.tryTake(MIB)).isPresent();
  }

  private PieceBuffer take(int bytes) {
    Optional<PieceBuffer> buffer = buffers.tryTake(bytes);
    assertThat(buffer).isPresent();
    assertThat(buffer.get().bytes().limit()).isEqualTo(bytes); // memory comes with its use
    return buffer.get();
  }
}
