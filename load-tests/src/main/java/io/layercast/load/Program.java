package io.layercast.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A process that this JVM started; its output goes to one log file. Ended only by its handle. */
final class Program {
  private final String name;
  private final Process process;
  private final Path log;

  Program(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  String name() {
    return name;
  }

  Path log() {
    return log;
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /** What it has written so far, to standard output and error. */
  String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException("tried to read the log of " + name + ", but failed", e);
    }
  }

  /** Waits for its own end and returns the exit code; one that overstays is killed. */
  int join(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
        throw new IllegalStateException(
            name + " did not end within " + limit.toSeconds() + " s:\n" + tail());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + name, e);
    }
  }

  /** User and system time of all its threads so far, of its children none. */
  double cpuSeconds() throws IOException {
    return CpuTime.ofProcess(process.pid());
  }

  long pid() {
    return process.pid();
  }

  /** What it takes of the machine now. */
  ProcessUse use() throws IOException {
    return ProcessUse.of(process.pid());
  }

  /** SIGKILL, as {@code kill -9}; returns when it is gone. */
  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    var _ = process.destroyForcibly();
    awaitEnd(Duration.ofSeconds(10));
  }

  /** Stops it where it is, SIGSTOP, until {@link #resume}. */
  void suspend() throws IOException {
    signal("STOP");
  }

  /** SIGCONT. */
  void resume() throws IOException {
    signal("CONT");
  }

  private void signal(String signal) throws IOException {
    Process kill = new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start();
    try {
      if (kill.waitFor() != 0) {
        throw new IOException("tried to send " + signal + " to " + name + ", but failed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while sending " + signal + " to " + name, e);
    }
  }

  /** SIGTERM, and SIGKILL to one that is still there after {@code grace}. */
  void stop(Duration grace) {
    process.destroy();
    if (!awaitEnd(grace)) {
      kill();
    }
  }

  /** Asks it to end and does not wait. */
  void askToStop() {
    process.destroy();
  }

  /** The last lines of its log, for an error message. */
  String tail() {
    String all = output();
    return all.length() <= 4_000 ? all : "…" + all.substring(all.length() - 4_000);
  }

  private boolean awaitEnd(Duration limit) {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
