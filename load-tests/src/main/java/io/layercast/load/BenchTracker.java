package io.layercast.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Announces to our tracker and to opentracker: each on one core, the peers on the others. Debian's
 * opentracker closes a connection after each answer, so it is measured with new ones only.
 */
@Command(
    name = "tracker",
    description = "Measures announces to the tracker beside opentracker.",
    mixinStandardHelpOptions = true)
final class BenchTracker extends Measurement {
  private static final int SWARMS = 50;
  private static final int PEERS = 10_000;
  private static final int ADDRESSES = 50;
  private static final int AGENTS = 1_000;
  private static final int BLOBS = 500;
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "Length of each measurement (default: ${DEFAULT-VALUE}).")
  private int seconds = 10;

  /**
   * @param perSecond announces that one core answered
   * @param cpuMicros of the tracker's process for each
   */
  record Rate(String tracker, String connections, double perSecond, double cpuMicros) {}

  /**
   * @param ratio what a core could answer of ours over kept-alive connections to opentracker's, by
   *     their processor time: how fast the peers were does not count
   * @param rssMib with 10,000 peers in each of 50 swarms
   * @param p99Millis at 5,000 announces a second
   * @param inventorySeconds from the restart of the tracker until 1,000 agents have told of 500
   *     blobs each
   */
  record Result(
      List<Rate> rates,
      double ratio,
      double rssMib,
      double p50Millis,
      double p99Millis,
      double inventorySeconds) {}

  @Override
  public Integer call() throws Exception {
    try (Workplace workplace = Workplace.open("bench-tracker")) {
      Result result = measure(workplace);
      report(result, out -> print(out, result));
    }
    return 0;
  }

  private Result measure(Workplace workplace) throws Exception {
    List<String> addresses =
        IntStream.range(0, ADDRESSES).mapToObj(_ -> workplace.address()).toList();
    Stack stack = Stack.before(workplace, "http://127.0.0.1:1").start();
    Role tracker = stack.tracker();
    AnnounceRequests swarms = AnnounceRequests.of(stack.clusterKey(), SWARMS);
    String rival = Workplace.freePort(workplace.address(), 6969);
    Program opentracker = startRival(workplace, rival, swarms);
    pin("1", ProcessHandle.current().pid());
    pin("0", tracker.program().pid());
    pin("0", opentracker.pid());
    AnnounceLoad.Requests requests = (address, number) -> announce(swarms, address, number);

    say("filling both: " + PEERS + " peers in each of " + SWARMS + " swarms");
    AnnounceLoad kept = new AnnounceLoad(tracker.address(), addresses, true);
    AnnounceLoad ours = new AnnounceLoad(tracker.address(), addresses, false);
    AnnounceLoad theirs = new AnnounceLoad(rival, addresses, false);
    int each = SWARMS * PEERS / ADDRESSES;
    AnnounceLoad.Requests all =
        (address, number) -> number < each ? announce(swarms, address, number) : new byte[0];
    var _ = kept.saturate(all, LIMIT);
    var _ = theirs.saturate(all, LIMIT);
    double rss = tracker.program().use().rssMib();

    List<Rate> rates = new ArrayList<>();
    rates.add(rate("layercast", "kept alive", kept, tracker.program(), requests));
    rates.add(rate("layercast", "new each", ours, tracker.program(), requests));
    rates.add(rate("opentracker", "new each", theirs, opentracker, requests));
    say("5,000 a second");
    AnnounceLoad.Outcome paced = kept.pace(requests, Duration.ofSeconds(seconds), 5_000);
    say("restarting the tracker; " + AGENTS + " agents tell of " + BLOBS + " blobs each");
    double inventory = inventory(tracker, stack.clusterKey(), addresses);
    return new Result(
        rates,
        rates.getLast().cpuMicros() / rates.getFirst().cpuMicros(),
        rss,
        paced.percentileMillis(0.5),
        paced.percentileMillis(0.99),
        inventory);
  }

  private Rate rate(
      String name,
      String connections,
      AnnounceLoad load,
      Program tracker,
      AnnounceLoad.Requests requests)
      throws IOException, InterruptedException {
    say(name + ", connections " + connections);
    double before = tracker.cpuSeconds();
    AnnounceLoad.Outcome outcome = load.saturate(requests, Duration.ofSeconds(seconds));
    double cpu = tracker.cpuSeconds() - before;
    return new Rate(name, connections, outcome.perSecond(), 1e6 * cpu / outcome.answers());
  }

  private static double inventory(Role tracker, Path clusterKey, List<String> addresses)
      throws IOException, InterruptedException {
    AnnounceRequests swarms = AnnounceRequests.of(clusterKey, BLOBS);
    int each = AGENTS / ADDRESSES;
    tracker.kill();
    tracker.start();
    long start = System.nanoTime();
    tracker.awaitReady();
    var _ =
        new AnnounceLoad(tracker.address(), addresses, true)
            .saturate(
                (address, number) ->
                    number < each
                        ? swarms.inventory(address * 1_000 + number, 10_000 + number)
                        : new byte[0],
                LIMIT);
    return (System.nanoTime() - start) / 1e9;
  }

  private static Program startRival(Workplace workplace, String address, AnnounceRequests swarms)
      throws IOException {
    Path folder = workplace.folder("opentracker");
    Files.write(folder.resolve("whitelist"), swarms.ids());
    int colon = address.lastIndexOf(':');
    Program rival =
        workplace.start(
            "opentracker",
            List.of(
                "opentracker",
                "-i",
                address.substring(0, colon),
                "-p",
                address.substring(colon + 1),
                "-d",
                folder.toString(),
                "-w",
                "/whitelist"));
    Wait.until(
        "opentracker to listen", Duration.ofSeconds(10), () -> Workplace.isListening(address));
    return rival;
  }

  private static void pin(String core, long pid) throws IOException, InterruptedException {
    Process taskset =
        new ProcessBuilder("taskset", "-acp", core, "" + pid)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (taskset.waitFor() != 0) {
      throw new IOException("tried to keep process " + pid + " on core " + core + ", but failed");
    }
  }

  /** Over all swarms, one peer after the other; round and round. */
  private static byte[] announce(AnnounceRequests swarms, int address, int number) {
    int peer = number / SWARMS % (PEERS / ADDRESSES);
    return swarms.announce(number % SWARMS, address * 1_000 + peer, 10_000 + peer, number % 3 == 0);
  }

  private static void print(PrintWriter out, Result result) {
    out.printf("%-12s %-11s %12s %15s%n", "tracker", "connections", "announces/s", "CPU/announce");
    for (Rate rate : result.rates()) {
      out.printf(
          Locale.ROOT,
          "%-12s %-11s %12.0f %12.0f us%n",
          rate.tracker(),
          rate.connections(),
          rate.perSecond(),
          rate.cpuMicros());
    }
    out.printf(
        Locale.ROOT, "a core's worth, kept alive / opentracker: %.2f (must 0.5)%n", result.ratio());
    out.printf(
        Locale.ROOT,
        "%,d peers x %d swarms: %.0f MiB (must 512)%n",
        PEERS,
        SWARMS,
        result.rssMib());
    out.printf(
        Locale.ROOT,
        "at 5,000/s: p50 %.1f ms, p99 %.1f ms (must 20)%n",
        result.p50Millis(),
        result.p99Millis());
    out.printf(
        Locale.ROOT,
        "%,d agents x %d blobs after a restart: %.1f s (must 30, one interval)%n",
        AGENTS,
        BLOBS,
        result.inventorySeconds());
  }
}
