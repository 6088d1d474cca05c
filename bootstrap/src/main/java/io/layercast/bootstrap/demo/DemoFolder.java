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

/** The temporary folders of demos, each named after the process that made it. */
final class DemoFolder {
  private static final Pattern NAME = Pattern.compile("layercast-demo-([0-9]{1,10})-.*");

  private DemoFolder() {}

  /**
   * A fresh one in {@code parent}. Those of processes that no longer run, which were killed before
   * they could clear up, are deleted first.
   */
  static Path create(Path parent) throws IOException {
    for (Path stale : ofTheDead(parent)) {
      delete(stale);
    }
    return Files.createTempDirectory(
        parent, "layercast-demo-" + ProcessHandle.current().pid() + "-");
  }

  /** Deletes {@code folder} with all that is in it; no link is followed. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
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
