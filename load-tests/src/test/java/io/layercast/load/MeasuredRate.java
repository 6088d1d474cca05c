package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * What a {@link TcpMeter} saw of one limit. A window's bounds take the sampling's own doubt into
 * account: its bytes came in no more than from before the first sample to after the last, and in no
 * less than from after the first to before the last.
 */
final class MeasuredRate {
  private final List<TcpMeter.Sample> samples;
  private final ToLongFunction<TcpMeter.Sample> count;
  private final long bytesPerSecond;

  /**
   * @param samples of a time in which the limit alone held the bytes back
   */
  MeasuredRate(
      List<TcpMeter.Sample> samples, ToLongFunction<TcpMeter.Sample> count, long bytesPerSecond) {
    this.samples = samples;
    this.count = count;
    this.bytesPerSecond = bytesPerSecond;
  }

  /** From the first sample to the last. */
  double seconds() {
    return (samples.getLast().beforeNanos() - samples.getFirst().afterNanos()) / 1e9;
  }

  /**
   * A window's bytes over those its limit allows.
   *
   * @param most at the shortest time it may have lasted, less the element
   * @param least at the longest, less what the machine's stalls cost, and with the element
   */
  private record Window(double most, double least) {}

  private List<Window> windows(double seconds, long elementBytes) {
    List<Window> windows = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      TcpMeter.Sample from = samples.get(i);
      for (int j = i + 1; j < samples.size(); j++) {
        TcpMeter.Sample to = samples.get(j);
        long shortest = to.beforeNanos() - from.afterNanos();
        if (shortest >= seconds * 1e9) {
          long longest = to.afterNanos() - from.beforeNanos();
          // A thread of the limiter is starved about as the witness is, and so are those around it.
          long stalled = 3 * (to.stalledNanos() - from.stalledNanos());
          long bytes = count.applyAsLong(to) - count.applyAsLong(from);
          windows.add(
              new Window(
                  (bytes - elementBytes) / (bytesPerSecond * longest / 1e9),
                  (bytes + elementBytes) / (bytesPerSecond * (shortest - stalled) / 1e9)));
          break;
        }
      }
    }
    return windows;
  }

  /**
   * No window is above its bound, and the middle one of them all is not below it: a limit that is
   * too low shows in most of them, a machine that was busy elsewhere for a moment does not.
   */
  void isWithin(double tolerance, double seconds, long elementBytes) {
    List<Window> windows = windows(seconds, elementBytes);
    double most = windows.stream().mapToDouble(Window::most).max().orElseThrow();
    double[] least = windows.stream().mapToDouble(Window::least).sorted().toArray();
    String what =
        String.format(
            Locale.ROOT,
            "%d windows of %.0f s: bytes over the limit's, most %.4f, middle %.4f, least %.4f;"
                + " stalled %.3f s",
            windows.size(),
            seconds,
            most,
            least[least.length / 2],
            least[0],
            (samples.getLast().stalledNanos() - samples.getFirst().stalledNanos()) / 1e9);
    System.out.println(what); // for docs and for whoever wonders how close it was
    assertThat(most).as(what).isLessThanOrEqualTo(1 + tolerance);
    assertThat(least[least.length / 2]).as(what).isGreaterThanOrEqualTo(1 - tolerance);
  }
}
