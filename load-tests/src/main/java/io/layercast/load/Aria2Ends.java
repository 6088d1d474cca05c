package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * aria2 at both ends, started anew for each fetch: it can not be told of a torrent without RPC. The
 * time of the fetch begins with the second process.
 */
final class Aria2Ends implements WireEnds {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final List<String> OPTIONS =
      List.of(
          "--no-conf=true",
          "--enable-dht=false",
          "--enable-dht6=false",
          "--bt-enable-lpd=false",
          "--enable-peer-exchange=false",
          "--file-allocation=none",
          "--console-log-level=warn",
          "--summary-interval=0",
          "--max-concurrent-downloads=100",
          "--seed-ratio=0.0");

  private final Workplace workplace;
  private final Torrents torrents;
  private final OnePeerTracker tracker;
  private int fetches;

  private Aria2Ends(Workplace workplace, Torrents torrents, OnePeerTracker tracker) {
    this.workplace = workplace;
    this.torrents = torrents;
    this.tracker = tracker;
  }

  /** Empty where it is not installed. */
  static Optional<WireEnds> start(Workplace workplace, Torrents torrents, OnePeerTracker tracker)
      throws IOException {
    return workplace.succeeds("aria2-there", List.of("sh", "-c", "command -v aria2c"))
        ? Optional.of(new Aria2Ends(workplace, torrents, tracker))
        : Optional.empty();
  }

  @Override
  public String name() {
    return "aria2";
  }

  @Override
  public boolean runsOnJvm() {
    return false;
  }

  @Override
  public Transfer fetch(List<Path> files) throws IOException {
    Path folder = workplace.folder("aria2-" + fetches++);
    List<Path> described = torrents.of(files);
    String host = workplace.address();
    String at = Workplace.freePort(host, 6891);
    Program sender =
        start(
            "aria2-sender",
            at,
            files.getFirst().resolveSibling("").normalize(),
            List.of("--bt-seed-unverified=true", "--check-integrity=false"),
            described);
    Wait.until("aria2 to listen", LIMIT, () -> Workplace.isListening(at));
    tracker.name(Workplace.socketAddress(at));
    Path hook = hook(folder);
    List<String> options = List.of("--on-bt-download-complete=" + hook);
    double cpuBefore = sender.cpuSeconds();
    long start = System.nanoTime();
    Program receiver =
        start(
            "aria2-receiver",
            Workplace.freePort(workplace.address(), 6891),
            folder,
            options,
            described);
    Wait.until("aria2 to have it all", LIMIT, () -> complete(folder) == files.size());
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpu = sender.cpuSeconds() - cpuBefore + receiver.cpuSeconds();
    receiver.kill();
    sender.kill();
    for (Path file : files) {
      Files.delete(folder.resolve(file.getFileName()));
    }
    return new Transfer(seconds, cpu);
  }

  private Program start(
      String name, String at, Path folder, List<String> more, List<Path> described)
      throws IOException {
    var address = Workplace.socketAddress(at);
    List<String> command = new ArrayList<>(List.of("aria2c"));
    command.addAll(OPTIONS);
    command.addAll(more);
    command.add("--interface=" + address.getHostString());
    command.add("--listen-port=" + address.getPort());
    command.add("--dir=" + folder);
    command.addAll(described.stream().map(Path::toString).toList());
    return workplace.start(name, command);
  }

  /** A program that aria2 runs when a torrent is complete; leaves a file for each. */
  private static Path hook(Path folder) throws IOException {
    Path hook =
        Files.writeString(folder.resolve("hook"), "#!/bin/sh\n: >\"" + folder + "/done-$1\"\n");
    return Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
  }

  private static long complete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith("done-")).count();
    }
  }
}
