package io.layercast.load;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where one run happens: a temporary folder, loopback addresses nobody else uses, and the processes
 * started in it. Closing ends those processes, by their handles, and deletes the folder; so does a
 * signal that ends this process.
 *
 * <p>Every node gets an address of its own out of a /24 drawn at random from 127.64.0.0/10, so that
 * roles can keep the ports they have in a cluster and two runs on one machine do not meet.
 */
final class Workplace implements Closeable {
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final Path root;
  private final Path logs;
  private final String network;
  private final AtomicInteger nextHost = new AtomicInteger(1);
  private final Map<String, Integer> starts = new LinkedHashMap<>();
  private final List<Program> programs = new ArrayList<>();
  private final List<Closeable> others = new ArrayList<>();
  private final Secrets secrets = new Secrets();
  private final Thread atExit = new Thread(this::endAtExit, "workplace-exit");
  private boolean closed;
  private boolean gone;
  private @Nullable Lan lan;

  private Workplace(Path root) throws IOException {
    this.root = root;
    this.logs = Files.createDirectories(root.resolve("logs"));
    ThreadLocalRandom random = ThreadLocalRandom.current();
    this.network = "127.%d.%d".formatted(random.nextInt(64, 128), random.nextInt(256));
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  static Workplace open(String name) throws IOException {
    return new Workplace(Files.createTempDirectory("layercast-" + name + "-"));
  }

  /** A folder of that name, made when it is not there. */
  Path folder(String name) {
    try {
      return Files.createDirectories(root.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException("tried to make the folder " + name, e);
    }
  }

  /** Puts every node of this run on a host of its own from now on; needs root. */
  Lan onLan() throws IOException {
    Lan made = closeLater(Lan.create());
    lan = made;
    return made;
  }

  /** An IPv4 address not handed out before: a loopback one, or that of a new host on the LAN. */
  String address() {
    try {
      return lan == null ? network + "." + nextHost.getAndIncrement() : lan.host();
    } catch (IOException e) {
      throw new UncheckedIOException("tried to make a host", e);
    }
  }

  /** An address that this process can listen at and every node can reach. */
  String ownAddress() {
    return lan == null ? address() : lan.own();
  }

  /** {@code command} as it is run on the node at {@code host} or {@code host:port}. */
  List<String> at(String address, List<String> command) {
    return lan == null ? command : lan.at(address.replaceAll(":.*", ""), command);
  }

  /**
   * {@code host:port} with a port nobody listens on; the one asked for when it is free, as it is on
   * another host.
   */
  static String freePort(String host, int preferredPort) {
    if (Lan.isHost(host)) {
      return host + ":" + preferredPort;
    }
    for (int port : new int[] {preferredPort, 0}) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
        return host + ":" + socket.getLocalPort();
      } catch (IOException e) {
        if (port == 0) {
          throw new UncheckedIOException("tried to find a free port on " + host, e);
        }
      }
    }
    throw new AssertionError("unreachable");
  }

  /** Of {@code host:port}. */
  static InetSocketAddress socketAddress(String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    return new InetSocketAddress(
        hostAndPort.substring(0, colon), Integer.parseInt(hostAndPort.substring(colon + 1)));
  }

  /** Whether somebody takes connections at {@code host:port}. */
  static boolean isListening(String hostAndPort) {
    InetSocketAddress address = socketAddress(hostAndPort);
    try (Socket _ = new Socket(address.getAddress(), address.getPort())) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Starts a process; its log is {@code logs/<name>.log}, appended to by a restart. */
  Program start(String name, List<String> command) throws IOException {
    return start(name, command, Map.of());
  }

  synchronized Program start(String name, List<String> command, Map<String, String> environment)
      throws IOException {
    if (closed) {
      throw new IllegalStateException("the workplace is closed");
    }
    int count = starts.merge(name, 1, Integer::sum);
    Path log = logs.resolve(count == 1 ? name + ".log" : name + "-" + count + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(root.toFile()).redirectErrorStream(true);
    builder.redirectOutput(log.toFile());
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().putAll(environment);
    Program program = new Program(name, builder.start(), log);
    programs.add(program);
    return program;
  }

  /** Starts a process that is spoken with line by line; its standard error goes to its log. */
  synchronized Dialogue converse(String name, List<String> command) throws IOException {
    if (closed) {
      throw new IllegalStateException("the workplace is closed");
    }
    Path log = logs.resolve(name + ".log");
    Process process =
        new ProcessBuilder(command).directory(root.toFile()).redirectError(log.toFile()).start();
    Program program = new Program(name, process, log);
    programs.add(program);
    return new Dialogue(program, process.inputReader(), process.outputWriter());
  }

  /**
   * Runs a command to its end.
   *
   * @return its output
   * @throws CommandFailed when its exit code is not 0
   */
  String run(String name, Duration limit, List<String> command) throws IOException {
    Program program = start(name, command);
    int exit = program.join(limit);
    if (exit != 0) {
      throw new CommandFailed(name, exit, program.output());
    }
    return program.output();
  }

  /** Whether a command ends with 0 within 10 s. */
  boolean succeeds(String name, List<String> command) throws IOException {
    return start(name, command).join(Duration.ofSeconds(10)) == 0;
  }

  /** A file system of its own in memory, unmounted at close; needs root. */
  Path tmpfs(String name, long sizeBytes) throws IOException {
    Path folder = folder(name);
    run(
        "mount-" + name,
        Duration.ofSeconds(10),
        List.of("mount", "-t", "tmpfs", "-o", "size=" + sizeBytes, "tmpfs", folder.toString()));
    closeLater(() -> unmount(folder));
    return folder;
  }

  /** What this run knows and our processes must tell nobody. */
  Secrets secrets() {
    return secrets;
  }

  /** Has {@code closeable} closed with the workplace, after the processes ended. */
  synchronized <T extends Closeable> T closeLater(T closeable) {
    others.add(closeable);
    return closeable;
  }

  /** Copies the logs to {@code target}, for someone who asks why a run failed. */
  void keepLogs(Path target) throws IOException {
    Files.createDirectories(target);
    try (var files = Files.list(logs)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  @Override
  public void close() throws IOException {
    end();
    if (atExit.getState() == Thread.State.NEW) {
      Runtime.getRuntime().removeShutdownHook(atExit);
    }
  }

  /** Whoever is at work here finds its processes ended, and starts no others. */
  private void endAtExit() {
    try {
      end();
    } catch (IOException e) {
      System.err.printf("tried to end what ran in %s, but failed: %s%n", root, e);
    }
  }

  private synchronized void end() throws IOException {
    if (gone) {
      return;
    }
    gone = true;
    endPrograms();
    @Nullable IOException failure = null;
    for (Closeable other : others.reversed()) {
      try {
        other.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    deleteTree(root);
    if (failure != null) {
      throw failure;
    }
  }

  /** Ends every process; none can be started after that, and their logs are whole. */
  synchronized void endPrograms() {
    closed = true;
    programs.forEach(Program::askToStop);
    programs.reversed().forEach(program -> program.stop(GRACE));
  }

  private static void unmount(Path folder) throws IOException {
    try {
      int exit = new ProcessBuilder("umount", folder.toString()).start().waitFor();
      if (exit != 0) {
        throw new IOException("umount " + folder + " ended with " + exit);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while unmounting " + folder, e);
    }
  }

  private static void deleteTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException error)
              throws IOException {
            if (error != null) {
              throw error;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
