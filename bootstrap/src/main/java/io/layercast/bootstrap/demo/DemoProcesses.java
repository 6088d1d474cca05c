package io.layercast.bootstrap.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The processes of a demo and their data: an origin, one tracker, two proxies and the agents.
 * {@link #close} ends them all and removes every byte; a shutdown hook does so on Ctrl-C.
 */
final class DemoProcesses implements AutoCloseable {
  static final int PROXIES = 2;

  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  private final DemoFolder folder;
  private final List<ChildProcess> children = new CopyOnWriteArrayList<>();
  private final Thread hook = new Thread(this::stopAll, "demo-shutdown");
  private final List<String> notes = new ArrayList<>();
  private final List<URI> agents = new ArrayList<>();
  private URI origin = URI.create("http://localhost");
  private long imageBytes;
  private volatile boolean stopped;

  private DemoProcesses(DemoFolder folder) {
    this.folder = folder;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts everything and waits until all of it is ready.
   *
   * @throws IOException when something does not start, with the end of its log; nothing is left
   */
  static DemoProcesses start(DemoSettings settings) throws IOException, InterruptedException {
    if (settings.port() != 0 && !Ports.isFree(settings.port())) {
      throw new IOException(
          "localhost:%d is taken; end what listens there or choose another port with --port"
              .formatted(settings.port()));
    }
    DemoProcesses processes = new DemoProcesses(DemoFolder.create());
    try {
      processes.startAll(settings);
      return processes;
    } catch (IOException | InterruptedException | RuntimeException e) {
      processes.close();
      throw e;
    }
  }

  URI origin() {
    return origin;
  }

  /** The agents' registries, the first on localhost. */
  List<URI> agents() {
    return List.copyOf(agents);
  }

  long imageBytes() {
    return imageBytes;
  }

  /** One line for each process: what it is and where it listens. */
  List<String> notes() {
    return List.copyOf(notes);
  }

  /** The first process that has ended although nobody asked, with the end of its log. */
  void checkAlive() throws IOException {
    for (ChildProcess child : children) {
      if (!stopped && !child.isAlive()) {
        throw new IOException(child.name() + " has ended; its log ends:\n" + child.logTail());
      }
    }
  }

  /** Returns when one of them has ended. */
  void awaitFirstEnd() {
    CompletableFuture.anyOf(
            children.stream().map(ChildProcess::whenEnded).toArray(CompletableFuture[]::new))
        .join();
  }

  private void startAll(DemoSettings settings) throws IOException, InterruptedException {
    String key = clusterKeyFile().toString();
    InetSocketAddress trackerHttp;
    InetSocketAddress trackerCluster;
    List<String> contactPoints = new ArrayList<>();
    InetSocketAddress originAddress;
    List<List<String>> proxies = new ArrayList<>();
    List<List<String>> agentCommands = new ArrayList<>();
    List<String> proxyApis = new ArrayList<>();
    try (Ports ports = new Ports()) {
      originAddress = ports.choose(2, 5000);
      trackerHttp = ports.choose(3, 6969);
      trackerCluster = ports.choose(3, 2551);
      contactPoints.add(Ports.text(ports.choose(3, 8558)));
      for (int i = 0; i < PROXIES; i++) {
        InetSocketAddress api = ports.choose(4 + i, 5005);
        contactPoints.add(Ports.text(ports.choose(4 + i, 8558)));
        proxyApis.add(Ports.text(api));
        proxies.add(
            List.of(
                "--origin", "http://" + Ports.text(originAddress),
                "--api-address", Ports.text(api),
                "--peer-address", Ports.text(ports.choose(4 + i, 6882)),
                "--cluster-address", Ports.text(ports.choose(4 + i, 2551)),
                "--tracker", "http://" + Ports.text(trackerHttp),
                "--cluster-key", key,
                "--data", folder.path().resolve("proxy-" + (i + 1)).toString()));
      }
      for (int i = 0; i < settings.agents(); i++) {
        String listen =
            i == 0
                ? "localhost:"
                    + (settings.port() == 0 ? ports.choose(1, 0).getPort() : settings.port())
                : Ports.text(ports.choose(11 + i, 5004));
        List<String> command = new ArrayList<>();
        command.addAll(List.of("--listen", listen));
        command.addAll(List.of("--peer-address", Ports.text(ports.choose(11 + i, 6881))));
        command.addAll(List.of("--tracker", "http://" + Ports.text(trackerHttp)));
        command.addAll(List.of("--data", folder.path().resolve("agent-" + (i + 1)).toString()));
        command.addAll(
            List.of("--download-rate", Long.toString(settings.downloadBytesPerSecond())));
        // Each agent has another proxy first, as a Service would spread them.
        for (int p = 0; p < PROXIES; p++) {
          command.addAll(List.of("--proxy", proxyApis.get((i + p) % PROXIES)));
        }
        agentCommands.add(command);
        agents.add(URI.create("http://" + listen));
      }
    }
    ChildProcess originProcess =
        spawn(
            "origin",
            "demo-origin",
            List.of(
                "--listen", Ports.text(originAddress),
                "--size", Long.toString(settings.imageBytes())),
            List.of());
    ChildProcess tracker =
        spawn(
            "tracker",
            "tracker",
            List.of(
                "--listen", Ports.text(trackerHttp),
                "--cluster-address", Ports.text(trackerCluster),
                "--cluster-key", key),
            membership(contactPoints, 0));
    List<ChildProcess> others = new ArrayList<>();
    for (int i = 0; i < PROXIES; i++) {
      others.add(
          spawn("proxy-" + (i + 1), "proxy", proxies.get(i), membership(contactPoints, i + 1)));
    }
    for (int i = 0; i < settings.agents(); i++) {
      others.add(spawn("agent-" + (i + 1), "agent", agentCommands.get(i), List.of()));
    }
    JsonNode originReady = originProcess.awaitReady(START_LIMIT);
    imageBytes = originReady.path("imageBytes").asLong();
    origin = URI.create("http://" + Ports.text(originAddress));
    notes.add("origin   " + origin);
    tracker.awaitReady(START_LIMIT);
    notes.add("tracker  http://" + Ports.text(trackerHttp) + "/announce");
    for (ChildProcess child : others) {
      child.awaitReady(START_LIMIT);
    }
    proxyApis.forEach(api -> notes.add("proxy    http://" + api));
    agents.forEach(agent -> notes.add("agent    " + agent));
  }

  /** How the member at {@code index} of {@code contactPoints} finds the others. */
  private static List<String> membership(List<String> contactPoints, int index) {
    List<String> options = new ArrayList<>(List.of("--management", contactPoints.get(index)));
    contactPoints.forEach(point -> options.addAll(List.of("--contact-point", point)));
    return options;
  }

  private ChildProcess spawn(String name, String role, List<String> arguments, List<String> more)
      throws IOException {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(more);
    all.addAll(List.of("--json", "--until-input-closes"));
    ChildProcess child = ChildProcess.start(name, JavaCommand.of(role, all), folder.path());
    children.add(child);
    return child;
  }

  private Path clusterKeyFile() throws IOException {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    Path file = folder.path().resolve("cluster.key");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, HexFormat.of().formatHex(key));
  }

  @Override
  public void close() {
    stopAll();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // Going down already: the hook itself is what runs.
    }
  }

  private synchronized void stopAll() {
    if (stopped) {
      return;
    }
    stopped = true;
    children.forEach(ChildProcess::askToStop);
    children.forEach(child -> child.awaitStopped(STOP_LIMIT));
    try {
      folder.close();
    } catch (IOException e) {
      throw new UncheckedIOException("tried to remove the demo's data in " + folder.path(), e);
    }
  }
}
