package io.layercast.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** One node's pull of an image: all its layers at once, each digest checked. */
final class FleetPull {
  /** containerd's {@code image_pull_progress_timeout}: no byte of any layer for so long. */
  private static final Duration STALL = Duration.ofMinutes(5);

  private final Role agent;
  private final int layers;
  private final long imageBytes;
  private final CountDownLatch done;
  private final List<String> failures = new ArrayList<>();
  private final AtomicLong bytes = new AtomicLong();
  private int right;
  private long beganNanos = Long.MAX_VALUE;
  private long endedNanos;
  private long firstByteNanos = Long.MAX_VALUE;
  private long halfNanos = Long.MAX_VALUE;
  private long lastByteNanos;
  private long longestPauseNanos;

  private FleetPull(Role agent, List<Blob> layers) {
    this.agent = agent;
    this.layers = layers.size();
    this.imageBytes = layers.stream().mapToLong(Blob::sizeBytes).sum();
    this.done = new CountDownLatch(this.layers);
  }

  /** Begins when {@code barrier} opens. */
  static FleetPull at(CountDownLatch barrier, Role agent, String repository, List<Blob> layers) {
    FleetPull pull = new FleetPull(agent, layers);
    for (Blob layer : layers) {
      Thread.ofVirtual().name("pull").start(() -> pull.run(barrier, repository, layer));
    }
    return pull;
  }

  private void run(CountDownLatch barrier, String repository, Blob layer) {
    try {
      barrier.await();
      began();
      AtomicLong before = new AtomicLong();
      Puller.Outcome outcome =
          Puller.create()
              .patientFor(Duration.ZERO) // a layer that waits is no failure while others come
              .pull(
                  agent.url(),
                  repository,
                  layer.digest(),
                  soFar -> came(soFar - before.getAndSet(soFar)));
      ended(layer, outcome);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      done.countDown();
    }
  }

  private synchronized void began() {
    beganNanos = Math.min(beganNanos, System.nanoTime());
    lastByteNanos = beganNanos;
  }

  private synchronized void came(long count) {
    long now = System.nanoTime();
    firstByteNanos = Math.min(firstByteNanos, now);
    longestPauseNanos = Math.max(longestPauseNanos, now - lastByteNanos);
    lastByteNanos = now;
    if (bytes.addAndGet(count) >= imageBytes / 2) {
      halfNanos = Math.min(halfNanos, now);
    }
  }

  private synchronized void ended(Blob layer, Puller.Outcome outcome) {
    endedNanos = Math.max(endedNanos, System.nanoTime());
    boolean isRight =
        outcome instanceof Puller.Complete complete && complete.digest().equals(layer.digest());
    if (isRight) {
      right++;
    } else {
      failures.add("%s got %s of %s".formatted(agent.name(), outcome, layer));
    }
  }

  /** Waits for the end of all its layers; what is not there by then counts as failed. */
  void await(long limitNanos) throws IOException {
    try {
      if (!done.await(limitNanos, TimeUnit.NANOSECONDS)) {
        giveUp();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private synchronized void giveUp() {
    endedNanos = System.nanoTime();
    failures.add("%s had %,d bytes and not the rest".formatted(agent.name(), bytes.get()));
  }

  Role agent() {
    return agent;
  }

  /** What went wrong first, in words; empty when every layer came and hashed to its digest. */
  synchronized Optional<String> failure() {
    if (longestPauseNanos >= STALL.toNanos()) {
      return Optional.of(agent.name() + " heard no byte for " + STALL);
    }
    return right == layers
        ? Optional.empty()
        : failures.stream().findFirst().or(() -> Optional.of(agent.name() + " broke off"));
  }

  /** From the first request to the last layer's last byte. */
  synchronized double seconds() {
    return (endedNanos - beganNanos) / 1e9;
  }

  synchronized double firstByteSeconds() {
    return (firstByteNanos - beganNanos) / 1e9;
  }

  /** Until the client had half of the image. */
  synchronized double halfSeconds() {
    return (Math.min(halfNanos, endedNanos) - beganNanos) / 1e9;
  }

  /** The longest time in which no layer brought a byte. */
  synchronized double longestPauseSeconds() {
    return longestPauseNanos / 1e9;
  }
}
