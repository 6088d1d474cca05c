package io.layercast.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process takes of the machine, by the kernel's own figures in {@code /proc/<pid>}.
 *
 * @param rssMib resident memory (VmRSS), with its share of mapped files
 * @param handles open file descriptors, sockets among them
 * @param cpuSeconds user and system, since its start
 */
record ProcessUse(double rssMib, int handles, int sockets, double cpuSeconds) {
  private static final String RSS = "VmRSS:";

  static ProcessUse of(long pid) throws IOException {
    Path process = Path.of("/proc/" + pid);
    String rss =
        Files.readAllLines(process.resolve("status")).stream()
            .filter(line -> line.startsWith(RSS))
            .findFirst()
            .orElseThrow();
    String kib = rss.substring(RSS.length()).replace("kB", "").strip();
    List<String> handles = handles(process.resolve("fd"));
    long sockets = handles.stream().filter(target -> target.startsWith("socket:")).count();
    return new ProcessUse(
        Long.parseLong(kib) / 1024.0, handles.size(), (int) sockets, CpuTime.ofProcess(pid));
  }

  private static List<String> handles(Path folder) throws IOException {
    try (Stream<Path> links = Files.list(folder)) {
      return links.map(ProcessUse::target).filter(target -> !target.isEmpty()).toList();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (NoSuchFileException _) {
      return ""; // closed meanwhile
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
