package io.layercast.load;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** aria2, a BitTorrent client that nobody here wrote; finds peers by the tracker only. */
final class Aria2 {
  private static final List<String> ALONE =
      List.of(
          "--no-conf=true",
          "--enable-dht=false",
          "--enable-dht6=false",
          "--bt-enable-lpd=false",
          "--enable-peer-exchange=false",
          "--follow-torrent=false",
          "--file-allocation=none",
          "--summary-interval=1",
          "--console-log-level=info");

  private final Workplace workplace;

  Aria2(Workplace workplace) {
    this.workplace = workplace;
  }

  /** Downloads what {@code torrent} names into {@code folder} and ends. */
  void leech(Path torrent, Path folder, String address, Duration limit) throws IOException {
    workplace.run(
        "aria2-leech", limit, command(List.of(torrent), folder, address, List.of("--seed-time=0")));
  }

  /** Seeds the file that is already in {@code folder} until it is ended. */
  Program seed(Path torrent, Path folder, String address) throws IOException {
    return workplace.start(
        "aria2-seed",
        command(
            List.of(torrent),
            folder,
            address,
            List.of("--check-integrity=true", "--bt-seed-unverified=false", "--seed-ratio=0.0")));
  }

  /** As {@link #seed}, for many; the files are taken for what they should be. */
  Program seedUnverified(List<Path> torrents, Path folder, String address) throws IOException {
    return workplace.start(
        "aria2-seed",
        command(
            torrents,
            folder,
            address,
            List.of(
                "--check-integrity=false",
                "--bt-seed-unverified=true",
                "--seed-ratio=0.0",
                "--max-concurrent-downloads=" + torrents.size())));
  }

  private static List<String> command(
      List<Path> torrents, Path folder, String address, List<String> options) {
    int port = Workplace.socketAddress(Workplace.freePort(address, 6891)).getPort();
    List<String> command = new ArrayList<>(List.of("aria2c"));
    command.addAll(ALONE);
    command.addAll(options);
    command.addAll(
        List.of(
            "--interface=" + address,
            "--bt-external-ip=" + address,
            "--listen-port=" + port,
            "--dir=" + folder));
    torrents.forEach(torrent -> command.add(torrent.toString()));
    return command;
  }
}
