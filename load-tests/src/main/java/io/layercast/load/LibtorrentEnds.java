package io.layercast.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Two sessions of libtorrent by Debian's python3-libtorrent, told of each other. */
final class LibtorrentEnds implements WireEnds {
  /** Debian's own: another python3 on the path does not see its packages. */
  private static final String PYTHON = "/usr/bin/python3";

  private final Workplace workplace;
  private final Torrents torrents;
  private final Dialogue sender;
  private final Dialogue receiver;
  private final String version;
  private final String senderAddress;
  private int fetches;

  private LibtorrentEnds(Workplace workplace, Torrents torrents, Dialogue sender, Dialogue receiver)
      throws IOException {
    this.workplace = workplace;
    this.torrents = torrents;
    this.sender = sender;
    this.receiver = receiver;
    this.version = sender.ask("version");
    this.senderAddress = sender.ask("listen " + workplace.address());
    String _ = receiver.ask("listen " + workplace.address());
  }

  /** Empty where it is not installed. */
  static Optional<WireEnds> start(Workplace workplace, Torrents torrents) throws IOException {
    if (!Files.isExecutable(Path.of(PYTHON))
        || !workplace.succeeds("libtorrent-there", List.of(PYTHON, "-c", "import libtorrent"))) {
      return Optional.empty();
    }
    Path script = workplace.folder("libtorrent").resolve("libtorrent_peer.py");
    try (InputStream source = LibtorrentEnds.class.getResourceAsStream("libtorrent_peer.py")) {
      Files.copy(Objects.requireNonNull(source), script);
    }
    List<String> command = List.of(PYTHON, "-u", script.toString());
    return Optional.of(
        new LibtorrentEnds(
            workplace,
            torrents,
            workplace.converse("libtorrent-sender", command),
            workplace.converse("libtorrent-receiver", command)));
  }

  @Override
  public String name() {
    return "libtorrent " + version;
  }

  @Override
  public boolean runsOnJvm() {
    return false;
  }

  @Override
  public Transfer fetch(List<Path> files) throws IOException {
    Path folder = workplace.folder("libtorrent-" + fetches++);
    List<Path> described = torrents.of(files);
    String names = described.stream().map(Path::toString).collect(Collectors.joining(" "));
    String _ = sender.ask("seed " + files.getFirst().getParent() + " " + names);
    Transfer transfer =
        WireEnds.measure(
            sender.program(),
            receiver.program(),
            () -> {
              String _ = receiver.ask("fetch " + senderAddress + " " + folder + " " + names);
            });
    String _ = receiver.ask("drop");
    String _ = sender.ask("drop");
    for (Path file : files) {
      Files.delete(folder.resolve(file.getFileName()));
    }
    return transfer;
  }
}
