package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A containerd of this run's own: its root, state and socket are in the workplace. Needs root. */
final class Containerd {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final Workplace workplace;
  private final String name;
  private final Path socket;

  private Containerd(Workplace workplace, String name, Path socket) {
    this.workplace = workplace;
    this.name = name;
    this.socket = socket;
  }

  static Containerd start(Workplace workplace, String name) throws IOException {
    Path folder = workplace.folder(name);
    Path socket = folder.resolve("s.sock");
    Path config = folder.resolve("config.toml");
    Files.writeString(
        config,
        """
        version = 2
        root = "%s"
        state = "%s"
        disabled_plugins = ["io.containerd.grpc.v1.cri"]
        [grpc]
          address = "%s"
        """
            .formatted(folder.resolve("root"), folder.resolve("state"), socket));
    workplace.start(name, List.of("containerd", "--config", config.toString()));
    Containerd containerd = new Containerd(workplace, name, socket);
    Wait.until(name + " to answer", Duration.ofSeconds(30), containerd::answers);
    return containerd;
  }

  /** {@code ctr images pull} with the native snapshotter; it checks every digest and unpacks. */
  void pull(String registry, String repository, String tag, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(ctr("images", "pull", "--plain-http", "--snapshotter", "native"));
    command.addAll(List.of(options));
    command.add(registry + "/" + repository + ":" + tag);
    workplace.run(name + "-pull", LIMIT, command);
  }

  /**
   * {@code ctr run} of a pulled image on a read-only root, as the image's user; {@code words} stand
   * for the image's entry point. What it printed when it ended well.
   */
  String run(String registry, String repository, String tag, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(ctr("run", "--rm", "--read-only", "--snapshotter", "native"));
    command.addAll(List.of(registry + "/" + repository + ":" + tag, name + "-run"));
    command.addAll(List.of(words));
    return workplace.run(name + "-run", LIMIT, command);
  }

  /** The digests in its content store. */
  List<String> contents() throws IOException {
    return workplace
        .run(name + "-content", Duration.ofSeconds(20), ctr("content", "ls", "-q"))
        .lines()
        .toList();
  }

  private boolean answers() throws IOException {
    return Files.exists(socket)
        && workplace
            .run(name + "-version", Duration.ofSeconds(10), ctr("version"))
            .contains("Server");
  }

  private List<String> ctr(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ctr", "-a", socket.toString()));
    command.addAll(List.of(arguments));
    return command;
  }
}
