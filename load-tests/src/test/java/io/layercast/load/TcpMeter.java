package io.layercast.load;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Samples, ten times a second, how many bytes some TCP sockets of this machine have received and
 * how many of them their process has read: the kernel's own counts ({@code ss}, tcp_info), so that
 * nothing of ours is believed and no reader's scheduling is in them. Beside it a witness ticks
 * every 5 ms and notes for how long this machine kept a thread that was due from running.
 */
final class TcpMeter implements Closeable {
  private static final long SAMPLE_NANOS = 100_000_000;
  private static final long TICK_NANOS = 5_000_000;

  /** What the limiter's burst makes up for. */
  private static final long FORGIVEN_NANOS = 20_000_000;

  /** Recv-Q, both ends, and on the line below the count. */
  private static final Pattern SOCKET =
      Pattern.compile("(?m)^(\\d+)\\s+\\d+\\s+(\\S+\\s+\\S+)\\s*\\n\\s.*?\\bbytes_received:(\\d+)");

  private final List<String> command;
  private final Map<String, Counts> bySocket = new HashMap<>();
  private final List<Sample> samples = new ArrayList<>();
  private final List<Thread> threads;
  private volatile long stalledNanos;
  private volatile boolean closed;

  private record Counts(long received, long read) {}

  /**
   * Counts over all sockets, closed ones too, at some instant between two.
   *
   * @param stalledNanos what the witness has noted so far
   */
  record Sample(long beforeNanos, long afterNanos, long received, long read, long stalledNanos) {}

  private TcpMeter(String filter) {
    this.command =
        List.of("sh", "-c", "exec ss -tinH state established '" + filter.replace("'", "") + "'");
    this.threads =
        List.of(
            Thread.ofPlatform().daemon().name("tcp-meter").start(this::sample),
            Thread.ofPlatform().daemon().name("witness").start(this::witness));
  }

  /**
   * @param filter as {@code ss} takes it, of the receiving sockets
   */
  static TcpMeter start(String filter) {
    return new TcpMeter(filter);
  }

  /** Those taken so far. */
  synchronized List<Sample> samples() {
    return List.copyOf(samples);
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void sample() {
    try {
      while (!closed) {
        long before = System.nanoTime();
        Process ss = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(ss.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        note(before, System.nanoTime(), output);
        LockSupport.parkNanos(SAMPLE_NANOS);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("tried to run ss, but failed", e);
    }
  }

  private synchronized void note(long before, long after, String output) {
    Matcher sockets = SOCKET.matcher(output);
    while (sockets.find()) {
      long received = Long.parseLong(sockets.group(3));
      long unread = Long.parseLong(sockets.group(1));
      bySocket.put(sockets.group(2), new Counts(received, received - unread));
    }
    samples.add(
        new Sample(
            before,
            after,
            bySocket.values().stream().mapToLong(Counts::received).sum(),
            bySocket.values().stream().mapToLong(Counts::read).sum(),
            stalledNanos));
  }

  private void witness() {
    long last = System.nanoTime();
    long total = 0;
    while (!closed) {
      LockSupport.parkNanos(TICK_NANOS);
      long now = System.nanoTime();
      total += Math.max(0, now - last - FORGIVEN_NANOS);
      stalledNanos = total;
      last = now;
    }
  }
}
