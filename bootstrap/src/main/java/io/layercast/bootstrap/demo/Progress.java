package io.layercast.bootstrap.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What people see while the agents pull: on a terminal one bar for each, redrawn in place;
 * elsewhere a plain line now and then.
 */
final class Progress implements AutoCloseable {
  private static final int BAR_WIDTH = 40;
  private static final long TERMINAL_MILLIS = 200;
  private static final long PLAIN_MILLIS = 2000;

  private final PrintStream out;
  private final boolean terminal;
  private final long totalBytes;
  private final List<Bar> bars;
  private final Thread drawer;

  /** One agent's bar. */
  static final class Bar {
    private final String label;
    private final AtomicLong bytes = new AtomicLong();
    private final long startNanos = System.nanoTime();
    private volatile double seconds = -1;

    Bar(String label) {
      this.label = label;
    }

    void add(long count) {
      bytes.addAndGet(count);
    }

    /** Stops its clock. */
    void finish() {
      seconds = elapsed();
    }

    double seconds() {
      return seconds >= 0 ? seconds : elapsed();
    }

    private double elapsed() {
      return (System.nanoTime() - startNanos) / 1e9;
    }
  }

  private Progress(PrintStream out, boolean terminal, long totalBytes, List<Bar> bars) {
    this.out = out;
    this.terminal = terminal;
    this.totalBytes = totalBytes;
    this.bars = List.copyOf(bars);
    this.drawer = Thread.ofPlatform().daemon().name("progress").unstarted(this::draw);
  }

  /** Draws {@code bars}, each of {@code totalBytes}, until closed. */
  static Progress start(PrintStream out, boolean terminal, long totalBytes, List<Bar> bars) {
    Progress progress = new Progress(out, terminal, totalBytes, bars);
    progress.drawer.start();
    return progress;
  }

  @Override
  public void close() {
    drawer.interrupt();
    try {
      drawer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void draw() {
    try {
      if (terminal) {
        out.print("\n".repeat(bars.size()));
      }
      while (true) {
        Thread.sleep(terminal ? TERMINAL_MILLIS : PLAIN_MILLIS);
        drawOnce();
      }
    } catch (InterruptedException _) {
      drawOnce(); // closed: the last state stays
    }
  }

  private void drawOnce() {
    StringBuilder text = new StringBuilder();
    if (terminal) {
      text.append("\u001b[").append(bars.size()).append('A');
      bars.forEach(bar -> text.append("\u001b[2K").append(line(bar)).append('\n'));
    } else {
      bars.forEach(bar -> text.append(text.isEmpty() ? "" : " | ").append(shortLine(bar)));
      text.append('\n');
    }
    out.print(text);
    out.flush();
  }

  private String line(Bar bar) {
    int filled = (int) (BAR_WIDTH * fraction(bar));
    return String.format(
        Locale.ROOT,
        "%-22s [%s%s] %3.0f %% %7.1f MB/s",
        bar.label,
        "#".repeat(filled),
        "-".repeat(BAR_WIDTH - filled),
        100 * fraction(bar),
        rate(bar));
  }

  private String shortLine(Bar bar) {
    return String.format(
        Locale.ROOT, "%s %.0f %% %.1f MB/s", bar.label, 100 * fraction(bar), rate(bar));
  }

  private double fraction(Bar bar) {
    return Math.min(1, (double) bar.bytes.get() / totalBytes);
  }

  private static double rate(Bar bar) {
    return bar.bytes.get() / Math.max(bar.seconds(), 1e-3) / 1e6;
  }
}
