package io.layercast.engine;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node's memory for what is being received, or sent: direct, pooled, bounded. Thread-safe, never
 * blocks on memory.
 *
 * <p>Lengths are rounded up to a power of two from 128 KiB to 16 MiB, so that there are eight kinds
 * of memory: the usual piece lengths (1 MiB and 4 MiB) waste nothing, those of blobs below 4 MiB at
 * most half. What is lent counts from the start and gets its memory when it is first used, that
 * which was given back last: a piece that was only asked for needs none, and what was used last is
 * still in the processor's cache. Memory that lies idle is given to the next asker of the same
 * kind, and freed when another kind needs the room or by {@link #trim}. It comes from an {@link
 * Arena} of its own because that can be freed at once, while a direct {@link ByteBuffer} waits for
 * the garbage collector.
 */
public final class PieceBuffers {
  private static final int SMALLEST_BYTES = PieceLayout.CHUNK_BYTES;
  private static final int KINDS =
      1
          + Integer.numberOfTrailingZeros(PieceLayout.MAX_PIECE_BYTES)
          - Integer.numberOfTrailingZeros(SMALLEST_BYTES);

  /** One allocation. */
  record Memory(Arena arena, ByteBuffer bytes) {
    int length() {
      return bytes.capacity();
    }
  }

  private final PieceBudget budget;
  private final LongSupplier bytesPerSecond;
  private final List<Deque<Memory>> idle =
      Stream.generate(() -> (Deque<Memory>) new ArrayDeque<Memory>()).limit(KINDS).toList();
  private final List<Runnable> wakes = new CopyOnWriteArrayList<>();

  /** Lent and idle. */
  private long allocatedBytes;

  private long lentBytes;

  /** Somebody was sent away empty since the last wake. */
  private boolean starved;

  /** Counts wakes: another one is called first each time, or the same would get it all. */
  private int turn;

  /**
   * Memory that no rate bounds.
   *
   * @param limitBytes bounds what is lent and idle together
   * @throws IllegalArgumentException when not even one longest piece fits
   */
  public PieceBuffers(long limitBytes) {
    this(new PieceBudget(limitBytes, Duration.ZERO), () -> 0);
  }

  /**
   * Memory for what comes at most at {@code bytesPerSecond}, which may change; 0 is unlimited.
   *
   * @throws IllegalArgumentException when not even one longest piece fits
   */
  public PieceBuffers(PieceBudget budget, LongSupplier bytesPerSecond) {
    if (budget.limitBytes() < PieceLayout.MAX_PIECE_BYTES) {
      throw new IllegalArgumentException(
          "piece buffers of %d bytes cannot hold a piece of %d"
              .formatted(budget.limitBytes(), PieceLayout.MAX_PIECE_BYTES));
    }
    this.budget = budget;
    this.bytesPerSecond = bytesPerSecond;
  }

  /**
   * Memory for a piece of {@code bytes}, or empty when the bound is reached; {@link #onFree} tells
   * those who had subscribed before when to try again.
   *
   * @throws IllegalArgumentException when no piece is that long
   */
  public Optional<PieceBuffer> tryTake(int bytes) {
    if (bytes < 0 || bytes > PieceLayout.MAX_PIECE_BYTES) {
      throw new IllegalArgumentException("a piece of " + bytes + " bytes");
    }
    int length = SMALLEST_BYTES << kindOf(bytes);
    synchronized (this) {
      if (!budget.allows(lentBytes, length, bytesPerSecond.getAsLong())) {
        starved = true;
        return Optional.empty();
      }
      lentBytes += length;
    }
    return Optional.of(new PieceBuffer(this, bytes, length));
  }

  /** The memory of a buffer that was lent and is now used: what was given back last, if any. */
  synchronized Memory memory(int length) {
    Memory memory = idle.get(kindOf(length)).poll();
    if (memory == null) {
      makeRoom(
          length); // what is lent fits within the limit, so idle memory is all there is to free
      memory = allocate(length);
      allocatedBytes += length;
    }
    return memory;
  }

  /**
   * Calls {@code wake} after a release, on the releasing thread, when anybody was refused since the
   * last such call; until the result is closed. It must return at once and not throw. Of several
   * each is called first in turn.
   */
  public SharedBlob.Subscription onFree(Runnable wake) {
    Runnable own = () -> wake.run(); // an identity of its own, though one Runnable come twice
    wakes.add(own);
    return () -> wakes.remove(own);
  }

  /** How many pieces each of {@code sharers} may have under way, at the rate there is now. */
  public int piecesEach(int pieceBytes, int sharers) {
    return budget.piecesEach(pieceBytes, sharers, bytesPerSecond.getAsLong());
  }

  /** Frees what lies idle, for a node that has nothing to do. */
  public synchronized void trim() {
    makeRoom(budget.limitBytes());
  }

  /** Bytes that are lent now. */
  public synchronized long lentBytes() {
    return lentBytes;
  }

  /** Bytes that are lent or lie idle now. */
  public synchronized long allocatedBytes() {
    return allocatedBytes;
  }

  /**
   * @param memory null when the buffer was never used
   */
  void giveBack(int length, @Nullable Memory memory) {
    boolean wake;
    int first;
    synchronized (this) {
      lentBytes -= length;
      if (memory != null) {
        idle.get(kindOf(length)).push(memory);
      }
      wake = starved;
      starved = false;
      first = wake ? turn++ : turn;
    }
    if (wake) {
      wakeAll(first);
    }
  }

  private void wakeAll(int first) {
    Runnable[] all = wakes.toArray(Runnable[]::new);
    for (int i = 0; i < all.length; i++) {
      all[Math.floorMod(first + i, all.length)].run();
    }
  }

  /** Frees idle memory, longest first, until {@code bytes} more fit or nothing is idle. */
  private void makeRoom(long bytes) {
    for (int kind = KINDS - 1; kind >= 0; kind--) {
      Deque<Memory> memories = idle.get(kind);
      while (allocatedBytes + bytes > budget.limitBytes() && !memories.isEmpty()) {
        Memory memory = memories.pop();
        allocatedBytes -= memory.length();
        memory.arena().close();
      }
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // makeRoom closes it
  private static Memory allocate(int length) {
    Arena arena = Arena.ofShared();
    return new Memory(arena, arena.allocate(length).asByteBuffer());
  }

  private static int kindOf(int bytes) {
    int chunks = Math.ceilDiv(Math.max(bytes, 1), SMALLEST_BYTES);
    return Integer.SIZE - Integer.numberOfLeadingZeros(chunks - 1);
  }
}
