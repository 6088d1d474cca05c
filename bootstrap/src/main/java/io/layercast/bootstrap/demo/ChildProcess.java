package io.layercast.bootstrap.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One of the demo's processes. It prints one line of JSON to its output when it is ready and logs
 * to a file. It holds the other end of our pipe as its input and ends when that closes, so none
 * outlives us, however we end.
 */
final class ChildProcess {
  private static final int LOG_TAIL_LINES = 20;

  private final String name;
  private final Process process;
  private final Path log;
  private final CompletableFuture<JsonNode> ready = new CompletableFuture<>();

  private ChildProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /** Starts {@code command}; its log is {@code <folder>/<name>.log}. */
  static ChildProcess start(String name, List<String> command, Path folder) throws IOException {
    Path log = folder.resolve(name + ".log");
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    ChildProcess child = new ChildProcess(name, process, log);
    Thread.ofPlatform().daemon().name(name + "-output").start(child::readOutput);
    return child;
  }

  private void readOutput() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String first = lines.readLine();
      if (first == null) {
        ready.completeExceptionally(new IOException("it ended before it was ready"));
        return;
      }
      ready.complete(Json.read(first));
      while (lines.readLine() != null) {
        // Nothing else is expected; reading keeps the pipe from filling up.
      }
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
  }

  /**
   * Waits for the line that says it is ready.
   *
   * @throws IOException when it ends first or takes longer than {@code limit}, with its log's end
   */
  JsonNode awaitReady(Duration limit) throws IOException, InterruptedException {
    try {
      return ready.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      String why =
          e instanceof TimeoutException
              ? "it was not ready within " + limit.toSeconds() + " s"
              : String.valueOf(e.getCause() == null ? e : e.getCause().getMessage());
      throw new IOException(
          "tried to start %s, but failed because %s; its log ends:%n%s"
              .formatted(name, why, logTail()),
          e);
    }
  }

  String name() {
    return name;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  CompletableFuture<Process> whenEnded() {
    return process.onExit();
  }

  /** The last lines of its log, for an error message. */
  String logTail() throws IOException {
    List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
    return String.join(
        System.lineSeparator(),
        lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
  }

  /** Asks it to end. */
  void askToStop() {
    process.destroy();
  }

  /** Waits until it has ended, at most {@code limit}, then ends it the hard way. */
  void awaitStopped(Duration limit) {
    try {
      if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
