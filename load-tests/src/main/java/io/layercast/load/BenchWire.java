package io.layercast.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What it costs both ends to move bytes from one node to another, each piece verified and written
 * to a fresh file: two agents of ours beside plain sockets, libtorrent and aria2, in turns in one
 * run, so that the ratios are of one machine in one mood. Loopback, no limits, pieces of 1 MiB.
 */
@Command(
    name = "wire",
    description = "Moves layers from agent to agent, beside plain sockets, libtorrent and aria2.",
    mixinStandardHelpOptions = true)
final class BenchWire extends Measurement {
  private static final int MANY = 8;
  private static final long MIB = 1024 * 1024;

  /** A warm JVM has moved this much: after a quarter of it C2 still took a tenth of the time. */
  private static final long WARM_BYTES = 12 * 1024 * MIB;

  @Option(
      names = "--size",
      defaultValue = "256MiB",
      converter = BenchPull.SizeConverter.class,
      description = "Bytes moved in each round (default: ${DEFAULT-VALUE}).")
  private ByteSize size = new ByteSize(256 * MIB);

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "Rounds whose median counts (default: ${DEFAULT-VALUE}).")
  private int rounds = 5;

  @Option(
      names = "--only",
      split = ",",
      description = "Names of the contenders to run, as the table shows them (default: all).")
  private List<String> only = List.of();

  /**
   * One line of the table: medians.
   *
   * @param cpuSecondsPerGb user and system, both ends, per 10⁹ bytes
   * @param lowest of the rounds
   * @param highest of the rounds
   * @param cpuBusy of the whole machine while the rounds ran, 0 to 1
   */
  record Line(
      int connections,
      String name,
      double cpuSecondsPerGb,
      double lowest,
      double highest,
      double megabytesPerSecond,
      double cpuBusy) {}

  private record Sample(double cpuSecondsPerGb, double megabytesPerSecond, double busy) {}

  @Override
  public Integer call() throws Exception {
    try (Workplace workplace = Workplace.open("bench-wire")) {
      List<String> missing = new ArrayList<>();
      List<Line> lines;
      try {
        lines = measure(workplace, missing);
      } catch (IOException | RuntimeException e) {
        Path logs = Path.of(System.getProperty("layercast.home", "."), ".layercast/bench-wire");
        workplace.keepLogs(logs);
        throw new IOException("tried to measure, but failed; logs are in " + logs, e);
      }
      report(Map.of("lines", lines, "missing", missing), out -> print(out, lines, missing));
    }
    return 0;
  }

  private List<Line> measure(Workplace workplace, List<String> missing) throws IOException {
    say("making layers");
    List<TestImage> images = List.of(image(workplace, 1), image(workplace, MANY));
    List<WireEnds> contenders = start(workplace, images, missing);
    long warmRounds = Math.max(1, WARM_BYTES / size.bytes());
    for (int i = 0; i < warmRounds; i++) {
      say("warming, " + (i + 1) + " of " + warmRounds);
      for (WireEnds ends : contenders) {
        if (i == 0 || ends.runsOnJvm()) {
          var _ = sample(workplace, ends, files(images.get(i % images.size())));
        }
      }
    }
    List<Line> lines = new ArrayList<>();
    for (TestImage image : images) {
      lines.addAll(compare(workplace, contenders, image));
    }
    return lines;
  }

  private TestImage image(Workplace workplace, int layers) throws IOException {
    List<Long> lengths = Collections.nCopies(layers, size.bytes() / layers);
    return ImageMaker.make(workplace.folder("image-" + layers), layers, lengths);
  }

  private List<WireEnds> start(Workplace workplace, List<TestImage> images, List<String> missing)
      throws IOException {
    OnePeerTracker tracker = workplace.closeLater(OnePeerTracker.start(workplace.address()));
    Torrents torrents =
        new Torrents(workplace.folder("torrents"), tracker.announceUrl(), PlainPeer.PIECE_BYTES);
    List<WireEnds> contenders = new ArrayList<>();
    if (isWanted("layercast")) {
      say("giving every layer to the first agent");
      contenders.add(LayercastEnds.start(workplace, images, size.bytes()));
    }
    if (isWanted(LayercastEnds.TLS)) {
      say("giving every layer to an agent that speaks TLS");
      Workplace own = workplace.closeLater(Workplace.open("bench-wire-tls"));
      contenders.add(LayercastEnds.withTls(own, images, size.bytes()));
    }
    if (isWanted("plain sockets")) {
      contenders.add(PlainEnds.start(workplace));
    }
    if (isWanted("libtorrent")) {
      LibtorrentEnds.start(workplace, torrents)
          .ifPresentOrElse(contenders::add, () -> missing.add("libtorrent (python3-libtorrent)"));
    }
    if (isWanted("aria2")) {
      Aria2Ends.start(workplace, torrents, tracker)
          .ifPresentOrElse(contenders::add, () -> missing.add("aria2 (aria2)"));
    }
    return contenders;
  }

  private boolean isWanted(String name) {
    return only.isEmpty() || only.contains(name);
  }

  private static List<Path> files(TestImage image) {
    return image.layers().stream().map(image::file).toList();
  }

  private List<Line> compare(Workplace workplace, List<WireEnds> contenders, TestImage image)
      throws IOException {
    List<Path> files = files(image);
    int connections = files.size();
    Map<Integer, List<Sample>> samples = new TreeMap<>();
    for (int round = 0; round < rounds; round++) {
      say(connections + " at once, round " + (round + 1) + " of " + rounds);
      for (int i = 0; i < contenders.size(); i++) {
        samples
            .computeIfAbsent(i, _ -> new ArrayList<>())
            .add(sample(workplace, contenders.get(i), files));
      }
    }
    List<Line> lines = new ArrayList<>();
    samples.forEach((i, of) -> lines.add(line(connections, contenders.get(i).name(), of)));
    return lines;
  }

  private static Sample sample(Workplace workplace, WireEnds ends, List<Path> files)
      throws IOException {
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    touchPages(workplace, bytes);
    CpuTime cpu = CpuTime.now();
    WireEnds.Transfer transfer = ends.fetch(files);
    return new Sample(
        transfer.cpuSeconds() / bytes * 1e9, bytes / transfer.seconds() / 1e6, cpu.busySince());
  }

  /**
   * Writes {@code bytes} to a file and deletes it: a virtual machine may have given free pages back
   * to its host, and whoever takes them next would pay for that.
   */
  static void touchPages(Workplace workplace, long bytes) throws IOException {
    Path file = workplace.folder("pages").resolve("touched");
    ByteBuffer zeros = ByteBuffer.allocateDirect(PlainPeer.PIECE_BYTES);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long at = 0; at < bytes; at += zeros.capacity()) {
        channel.write(zeros.clear(), at);
      }
    } finally {
      Files.delete(file);
    }
  }

  private static Line line(int connections, String name, List<Sample> samples) {
    List<Double> cpu = samples.stream().map(Sample::cpuSecondsPerGb).sorted().toList();
    return new Line(
        connections,
        name,
        median(cpu),
        cpu.getFirst(),
        cpu.getLast(),
        median(samples.stream().map(Sample::megabytesPerSecond).sorted().toList()),
        median(samples.stream().map(Sample::busy).sorted().toList()));
  }

  private static double median(List<Double> sorted) {
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  private static void print(PrintWriter out, List<Line> lines, List<String> missing) {
    String form = "%-12s %-22s %10s %13s %7s %8s %9s%n";
    out.printf(form, "connections", "ends", "CPU-s/GB", "from - to", "ratio", "MB/s", "CPU busy");
    for (Line line : lines) {
      out.printf(
          form,
          line.connections(),
          line.name(),
          number("%.2f", line.cpuSecondsPerGb()),
          number("%.2f", line.lowest()) + " - " + number("%.2f", line.highest()),
          number("%.2f", first(lines, line) / line.cpuSecondsPerGb()),
          number("%.0f", line.megabytesPerSecond()),
          number("%.0f %%", 100 * line.cpuBusy()));
    }
    missing.forEach(name -> out.println("missing, so not compared: " + name));
    out.println(
        "CPU-s/GB: user and system of both ends (/proc/<pid>/stat), medians; ratio: the first line over");
    out.println(
        "this one, of as many connections. CPU seconds stand on a busy machine, MB/s does not: two ends that");
    out.println("share two cores are decided by them, so read it only where nothing else ran.");
  }

  private static double first(List<Line> lines, Line line) {
    return lines.stream()
        .filter(each -> each.connections() == line.connections())
        .findFirst()
        .orElseThrow()
        .cpuSecondsPerGb();
  }
}
