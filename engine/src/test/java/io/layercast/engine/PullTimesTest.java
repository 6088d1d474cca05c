package io.layercast.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PullTimesTest {
  private static long ms(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void stages_lieBetweenTheMomentsAndAddUp() {
    PullTimes times = new PullTimes(ms(-100), ms(-80));
    times.stored(4, ms(20));
    times.stored(5, ms(90));
    times.stored(6, ms(110));
    times.complete(ms(111));
    times.complete(ms(500));
    assertThat(times.stages(ms(120)))
        .isEqualTo(new PullReport.Stages(ms(20), ms(100), ms(91), ms(9)));
    assertThat(times.stages(ms(120)).totalNanos()).isEqualTo(ms(220));
  }

  @Test
  void stages_thatWereNotReachedEndWithThePull() {
    PullTimes times = new PullTimes(0, ms(10));
    assertThat(times.stages(ms(50))).isEqualTo(new PullReport.Stages(ms(10), ms(40), 0, 0));
    times.stored(0, ms(60));
    assertThat(times.stages(ms(70))).isEqualTo(new PullReport.Stages(ms(10), ms(50), ms(10), 0));
  }

  @Test
  void slowestWait_isTheLongestTimeBeforeAPiece() {
    PullTimes times = new PullTimes(0, 0);
    assertThat(times.slowestWait()).isEqualTo(new PullReport.Wait(0, -1));
    times.stored(7, ms(30));
    times.stored(8, ms(40));
    times.stored(9, ms(39)); // told late by another thread
    assertThat(times.slowestWait()).isEqualTo(new PullReport.Wait(ms(30), 7));
    times.stored(2, ms(90));
    assertThat(times.slowestWait()).isEqualTo(new PullReport.Wait(ms(50), 2));
  }

  @Test
  void report_isOneLine() {
    PullReport report =
        new PullReport(
            Digest.sha256Of("x".getBytes(StandardCharsets.UTF_8)),
            PullReport.Result.STUCK,
            "nobody has it",
            1000,
            100,
            new PullReport.Bytes(200, 300, 400, 5),
            new PullReport.Stages(ms(20), ms(100), ms(2000), ms(9)),
            new PullReport.Wait(ms(1500), 3));
    assertThat(report)
        .hasToString(
            "pull of sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 stuck"
                + " (nobody has it) in 2.129 s (ask 0.020, first piece 0.100, rest 2.000, verdict"
                + " 0.009): 1000 bytes, 100 were here, 200 from proxies, 300 from agents, 400 over"
                + " HTTP, 5 wasted; slowest wait 1.500 s for piece 3");
  }
}
