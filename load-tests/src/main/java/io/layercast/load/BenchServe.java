package io.layercast.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What it costs an agent to give a cached layer to clients on its registry port, checksums checked,
 * beside nginx that sends the same file by sendfile: in turns, in one run. Only the server's
 * processor time counts; the clients are threads of this process that read and forget.
 */
@Command(
    name = "serve",
    description = "Serves a cached layer to clients, beside nginx with sendfile.",
    mixinStandardHelpOptions = true)
final class BenchServe extends Measurement {
  private static final String REPOSITORY = "bench/serve";
  private static final int[] CLIENTS = {1, 16};
  private static final int READ_BYTES = 256 * 1024;

  @Option(
      names = "--size",
      defaultValue = "1GiB",
      converter = BenchPull.SizeConverter.class,
      description = "The layer (default: ${DEFAULT-VALUE}).")
  private ByteSize size = new ByteSize(1L << 30);

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "Rounds whose median counts, after two of warm-up (default: ${DEFAULT-VALUE}).")
  private int rounds = 5;

  /** Who serves the layer, and where. */
  private record Server(String name, Program program, String address, String path) {}

  /**
   * One line of the table: medians.
   *
   * @param cpuSecondsPerGb user and system of the server, per 10⁹ bytes
   */
  record Line(
      int clients,
      String name,
      double cpuSecondsPerGb,
      double lowest,
      double highest,
      double megabytesPerSecond) {}

  private record Sample(double cpuSecondsPerGb, double megabytesPerSecond) {}

  @Override
  public Integer call() throws Exception {
    try (Workplace workplace = Workplace.open("bench-serve")) {
      List<Server> servers = start(workplace);
      List<Line> lines = new ArrayList<>();
      for (int clients : CLIENTS) {
        lines.addAll(compare(servers, clients));
      }
      report(Map.of("lines", lines), out -> print(out, lines));
    }
    return 0;
  }

  private List<Server> start(Workplace workplace) throws IOException {
    say("making a layer and pulling it through an agent");
    TestImage image = ImageMaker.make(workplace.folder("image"), 1, List.of(size.bytes()));
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    Stack stack = Stack.before(workplace, registry.url()).proxy().agent().start();
    Role agent = stack.agent(0);
    Blob layer = image.layer(0);
    var _ = Puller.create().mustPull(agent.url(), REPOSITORY, layer);
    Path file = image.file(layer);
    Nginx nginx = Nginx.start(workplace, Objects.requireNonNull(file.getParent()));
    return List.of(
        new Server(
            "layercast",
            agent.program(),
            agent.address(),
            "/v2/" + REPOSITORY + "/blobs/" + layer.digest()),
        new Server("nginx", nginx.program(), nginx.address(), "/" + file.getFileName()));
  }

  private List<Line> compare(List<Server> servers, int clients) throws IOException {
    Map<Server, List<Sample>> samples = new LinkedHashMap<>();
    for (int round = -2; round < rounds; round++) {
      say(clients + " clients, " + (round < 0 ? "warming" : "round " + (round + 1)));
      for (Server server : servers) {
        Sample sample = sample(server, clients);
        if (round >= 0) {
          samples.computeIfAbsent(server, _ -> new ArrayList<>()).add(sample);
        }
      }
    }
    List<Line> lines = new ArrayList<>();
    samples.forEach((server, of) -> lines.add(line(clients, server.name(), of)));
    return lines;
  }

  private Sample sample(Server server, int clients) throws IOException {
    double before = server.program().cpuSeconds();
    long begun = System.nanoTime();
    long bytes = 0;
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new)) {
      for (Future<Long> each :
          threads.invokeAll(Collections.nCopies(clients, (Callable<Long>) () -> read(server)))) {
        bytes += each.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException("tried to read from " + server.name() + ", but failed", e.getCause());
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    double cpu = server.program().cpuSeconds() - before;
    return new Sample(cpu / bytes * 1e9, bytes / seconds / 1e6);
  }

  /** The bytes of one answer; no fewer than the layer has. */
  private long read(Server server) throws IOException {
    String request =
        "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
            .formatted(server.path(), server.address());
    ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    long bytes = 0;
    try (SocketChannel socket = SocketChannel.open(Workplace.socketAddress(server.address()))) {
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      socket.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      for (int count = socket.read(buffer); count >= 0; count = socket.read(buffer.clear())) {
        bytes += count;
      }
    }
    if (bytes < size.bytes()) {
      throw new IOException("%s sent %d bytes only".formatted(server.name(), bytes));
    }
    return bytes;
  }

  private static Line line(int clients, String name, List<Sample> samples) {
    List<Double> cpu = samples.stream().map(Sample::cpuSecondsPerGb).sorted().toList();
    List<Double> speed = samples.stream().map(Sample::megabytesPerSecond).sorted().toList();
    int middle = cpu.size() / 2;
    return new Line(
        clients, name, cpu.get(middle), cpu.getFirst(), cpu.getLast(), speed.get(middle));
  }

  private static void print(PrintWriter out, List<Line> lines) {
    String form = "%-8s %-10s %10s %15s %7s %8s%n";
    out.printf(form, "clients", "server", "CPU-s/GB", "from - to", "ratio", "MB/s");
    for (Line line : lines) {
      double nginx =
          lines.stream()
              .filter(each -> each.clients() == line.clients() && each.name().equals("nginx"))
              .findFirst()
              .orElseThrow()
              .cpuSecondsPerGb();
      out.printf(
          form,
          line.clients(),
          line.name(),
          number("%.3f", line.cpuSecondsPerGb()),
          number("%.3f", line.lowest()) + " - " + number("%.3f", line.highest()),
          number("%.2f", line.cpuSecondsPerGb() / nginx),
          number("%.0f", line.megabytesPerSecond()));
    }
    out.println(
        "CPU-s/GB: user and system of the server (/proc/<pid>/stat), medians; ratio: over nginx.");
  }
}
