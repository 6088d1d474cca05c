package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How busy the whole machine was since an instant, from the first line of {@code /proc/stat}: user,
 * nice, system, idle, iowait, irq, softirq, steal, in ticks of all cores.
 */
final class CpuTime {
  private static final int IDLE = 3;
  private static final int IOWAIT = 4;

  /** Fields of {@code /proc/<pid>/stat} after the command's name, which ends with a bracket. */
  private static final int UTIME = 11;

  private static final int STIME = 12;

  /** Of children that have ended and been waited for. */
  private static final int CUTIME = 13;

  private static final int CSTIME = 14;

  /** USER_HZ, which is 100 on every Linux that Java runs on. */
  private static final double TICKS_PER_SECOND = 100;

  private final long[] start;

  private CpuTime(long[] start) {
    this.start = start;
  }

  static CpuTime now() throws IOException {
    return new CpuTime(read());
  }

  /** Between 0 and 1; waiting for a disk is not busy. */
  double busySince() throws IOException {
    long[] now = read();
    long total = 0;
    for (int i = 0; i < now.length; i++) {
      total += now[i] - start[i];
    }
    long idle = now[IDLE] - start[IDLE] + now[IOWAIT] - start[IOWAIT];
    return total == 0 ? 0 : 1.0 - (double) idle / total;
  }

  /** User and system seconds of a process that runs, in steps of 10 ms. */
  static double ofProcess(long pid) throws IOException {
    return seconds("" + pid, UTIME, STIME);
  }

  /** User and system seconds of all processes that this one has started and that have ended. */
  static double ofEndedChildren() throws IOException {
    return seconds("self", CUTIME, CSTIME);
  }

  private static double seconds(String process, int user, int system) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process + "/stat"));
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    return (Long.parseLong(fields.get(user)) + Long.parseLong(fields.get(system)))
        / TICKS_PER_SECOND;
  }

  private static long[] read() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/stat"))) {
      String line = lines.findFirst().orElseThrow();
      return List.of(line.split(" +", -1)).subList(1, 9).stream()
          .mapToLong(Long::parseLong)
          .toArray();
    }
  }
}
