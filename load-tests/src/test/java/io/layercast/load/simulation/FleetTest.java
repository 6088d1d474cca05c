package io.layercast.load.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Small fleets; a run checks the caps and that nothing unverified is served by itself. */
class FleetTest {
  private static final int QUANTUM_BYTES = 512 * 1024;
  private static final long MB = 1_000_000;

  /**
   * Copies: pieces on their way from the origin at the kill, and those that peers are slow with.
   */
  private static final double FETCHED_TWICE = 0.2;

  private static final Config CONFIG = ConfigFactory.load();

  private static Scenario scenario(String name) {
    return Scenario.ALL.stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow()
        .but(its -> {
          its.nodes = 60;
          its.proxies = 1;
          its.layerBytes = List.of(300 * MB, 300 * MB);
        });
  }

  /** Nodes that pull one layer. */
  private static Scenario besideOneProxy(int nodes, long layerBytes, long rate, long proxyRate) {
    return scenario("headline")
        .but(its -> {
          its.nodes = nodes;
          its.layerBytes = List.of(layerBytes);
          its.rates = new Scenario.Rates(rate, rate, proxyRate, 1_000_000);
        });
  }

  private static Report run(String name, long seed) {
    return new Fleet(scenario(name), CONFIG, QUANTUM_BYTES, seed).run();
  }

  private static void assertWhole(Report report) {
    assertThat(report.unfinished()).as("seed %d", report.seed()).isZero();
    assertThat(report.originCopies()).as("seed %d", report.seed()).isEqualTo(1.0);
  }

  @Test
  void headline_isNearTheIdeal() {
    Report report = run("headline", 7);
    assertWhole(report);
    assertThat(report.ratio().p50()).as("seed %d", report.seed()).isLessThan(1.25);
    assertThat(report.ratio().p999()).as("seed %d", report.seed()).isLessThan(1.5);
  }

  /** They fetch different pieces and swap them: else each would take twice as long. */
  @Test
  void twoLeeches_shareOneThinSeed() {
    Scenario two = besideOneProxy(2, 16L << 20, 1_000 * MB, 20L << 20);
    for (long seed = 1; seed <= 5; seed++) {
      Report report = new Fleet(two, CONFIG, 128 * 1024, seed).run();
      assertThat(report.ratio().p999()).as("seed %d", seed).isLessThan(1.5);
    }
  }

  /** Each brings its own pieces from it, near what is read, and swaps them for the others'. */
  @Test
  void aCrowdBesideOneThinSeed_asksItForEachPieceOnce_andReadsAsItComes() {
    Scenario ten = besideOneProxy(10, 512L << 20, 20 * MB, 20 * MB);

    Report report = new Fleet(ten, CONFIG, 512 * 1024, 1).run();

    assertThat(report.ratio().p99()).isLessThan(1.1);
    assertThat(report.readerAtHalfPercent()).isBetween(40.0, 50.0);
  }

  /** So its reader waits for a piece at most, and for the first longest. */
  @Test
  void oneNodeAlone_fetchesInOrder() {
    Scenario one = besideOneProxy(1, 64L << 20, 10 * MB, 1_000 * MB);

    Report report = new Fleet(one, CONFIG, 128 * 1024, 3).run();

    assertThat(report.readerAtHalfPercent()).isBetween(40.0, 50.0);
    assertThat(report.longestReaderPauseSeconds()).isBetween(0.1, 1.0);
  }

  @Test
  void sameSeed_givesTheSameRun() {
    Report one = run("headline", 11);
    Report other = run("headline", 11);
    assertThat(other.ratio()).isEqualTo(one.ratio());
    assertThat(other.events()).isEqualTo(one.events());
  }

  @Test
  void coldFleet_asksTheOriginOnce() {
    Report report = run("cold", 13);
    assertWhole(report);
  }

  @Test
  void theHealthy_finishBesideTheIll() {
    Report report = run("hurt", 17);
    assertWhole(report);
  }

  /** A proxy that stands in gets from agents what they have, and the rest from the origin. */
  @Test
  void proxyKilledWhileItFetches_allGetTheirImage() {
    Scenario sixty =
        Scenario.ALL.stream()
            .filter(each -> each.name().equals("sixty-killed"))
            .findFirst()
            .orElseThrow();
    for (long seed = 1; seed <= 3; seed++) {
      Report report = new Fleet(sixty, CONFIG, 128 * 1024, seed).run();
      assertThat(report.unfinished()).as("seed %d", seed).isZero();
      assertThat(report.lostCopies()).as("seed %d", seed).isPositive();
      assertThat(report.originCopies())
          .as("seed %d", seed)
          .isBetween(1.0, 1.0 + report.lostCopies() + FETCHED_TWICE);
    }
  }

  @Test
  void everyScenario_saysWhatItIs() {
    assertThat(Scenario.ALL).hasSize(15).allMatch(each -> each.idealSeconds() > 0);
    assertThat(Scenario.ALL.getFirst().idealSeconds()).isEqualTo(30.0);
  }
}
