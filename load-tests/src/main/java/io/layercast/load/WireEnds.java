package io.layercast.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Two warm processes on this machine, one of which fetches files from the other. */
interface WireEnds {
  String name();

  /** Whether it gets quicker with use. */
  boolean runsOnJvm();

  /**
   * Fetches {@code files} at once, a connection each, into files that were not there.
   *
   * @return once each piece of each was verified and written
   */
  Transfer fetch(List<Path> files) throws IOException;

  /**
   * What a fetch cost.
   *
   * @param cpuSeconds user and system time of both processes
   */
  record Transfer(double seconds, double cpuSeconds) {}

  /** Something that can fail while it is measured. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException;
  }

  /** Measures {@code work} that two processes do. */
  static Transfer measure(Program one, Program other, Work work) throws IOException {
    double cpuBefore = one.cpuSeconds() + other.cpuSeconds();
    long start = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Transfer(seconds, one.cpuSeconds() + other.cpuSeconds() - cpuBefore);
  }
}
