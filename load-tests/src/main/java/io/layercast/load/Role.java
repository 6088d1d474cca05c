package io.layercast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One of our processes: an agent, a proxy or the tracker, that can die and come back. */
final class Role {
  /** The JVM's flag that names a file of compiler directives. */
  static final String DIRECTIVES = "-XX:CompilerDirectivesFile=";

  /** As ./layercast sets it. */
  private static final Map<String, String> ENVIRONMENT = Map.of("MALLOC_ARENA_MAX", "2");

  private static final Duration READY = Duration.ofSeconds(60);

  private final Workplace workplace;
  private final String name;
  private final String address;
  private final String peerAddress;
  private final String readyPath;
  private final Path data;
  private final List<String> command;
  private Map<String, String> environment = ENVIRONMENT;
  private @Nullable Program program;

  /**
   * @param address where it speaks HTTP, {@code host:port}
   * @param peerAddress where it speaks BitTorrent; empty when it does not
   * @param readyPath answered with less than 500 once it can serve
   */
  Role(
      Workplace workplace,
      String name,
      String address,
      String peerAddress,
      String readyPath,
      Path data,
      List<String> command) {
    this.workplace = workplace;
    this.name = name;
    this.address = address;
    this.peerAddress = peerAddress;
    this.readyPath = readyPath;
    this.data = data;
    this.command = new ArrayList<>(command);
  }

  String name() {
    return name;
  }

  String address() {
    return address;
  }

  String url() {
    return "http://" + address;
  }

  String peerAddress() {
    return peerAddress;
  }

  /** Its data folder, which outlives it. */
  Path data() {
    return data;
  }

  /** Adds options for all its lives to come. */
  void tell(List<String> options) {
    command.addAll(options);
  }

  /** Adds to the environment of all its lives to come. */
  void tell(Map<String, String> variables) {
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(variables);
    environment = all;
  }

  /** What its command line says after {@code option}. */
  String told(String option) {
    return command.get(command.indexOf(option) + 1);
  }

  /**
   * Its lives to come run the build in the source tree {@code to} instead of that in {@code from},
   * which may be one without compiler directives.
   */
  void swap(Path from, Path to) {
    command.replaceAll(part -> part.replace(from + "/", to + "/"));
    command.removeIf(part ->
        part.startsWith(DIRECTIVES)
            && !Files.isReadable(Path.of(part.substring(DIRECTIVES.length()))));
  }

  /**
   * Starts it, on the data of its last life.
   *
   * @param more options for this life only
   */
  void start(String... more) throws IOException {
    if (program != null && program.isRunning()) {
      throw new IllegalStateException(name + " runs already");
    }
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(more));
    program = workplace.start(name, workplace.at(address, all), environment);
    workplace.secrets().watch(program.log(), data);
  }

  /** Returns once it answers; fails at once when it has ended. */
  void awaitReady() {
    Wait.until(
        name + " to be ready", READY, () -> !program().isRunning() || answersWithoutFailure());
    if (!program().isRunning()) {
      throw new IllegalStateException(name + " ended:\n" + program().tail());
    }
  }

  private boolean answersWithoutFailure() throws IOException {
    return Http.get(url() + readyPath).status() < 500;
  }

  /** What an agent counted in this life, as {@code GET /layercast/v1/stats} tells. */
  Traffic traffic() throws IOException {
    return Traffic.of(Http.get(url() + "/layercast/v1/stats").text());
  }

  /** SIGKILL. */
  void kill() {
    program().kill();
  }

  /** SIGTERM; returns when it is gone. */
  void stop() {
    program().stop(Duration.ofSeconds(15));
  }

  Program program() {
    if (program == null) {
      throw new IllegalStateException(name + " was never started");
    }
    return program;
  }
}
