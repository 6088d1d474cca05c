package io.layercast.bootstrap.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A temporary folder, named after the process that made it, that {@link #close} removes with all it
 * holds.
 */
record DemoFolder(Path path) implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("layercast-demo-([0-9]{1,10})-.*");

  static DemoFolder create() throws IOException {
    return create(Path.of(System.getProperty("java.io.tmpdir")));
  }

  /**
   * A fresh one in {@code parent}. Those of processes that no longer run, which were killed before
   * they could clear up, are removed first.
   */
  static DemoFolder create(Path parent) throws IOException {
    for (Path stale : ofTheDead(parent)) {
      new DemoFolder(stale).close();
    }
    String prefix = "layercast-demo-" + ProcessHandle.current().pid() + "-";
    return new DemoFolder(Files.createTempDirectory(parent, prefix));
  }

  /** No link is followed. */
  @Override
  public void close() throws IOException {
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path entry : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    }
  }

  private static List<Path> ofTheDead(Path parent) throws IOException {
    try (Stream<Path> folders = Files.list(parent)) {
      return folders.filter(DemoFolder::isOfTheDead).toList();
    }
  }

  private static boolean isOfTheDead(Path folder) {
    Matcher name = NAME.matcher(folder.getFileName().toString());
    return name.matches()
        && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        && Files.isWritable(folder)
        && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty();
  }
}
