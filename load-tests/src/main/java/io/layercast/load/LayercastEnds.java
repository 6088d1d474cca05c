package io.layercast.load;

import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;

/**
 * Two agents of ours. The first has every layer from the proxy; the second is asked for one byte of
 * each, which makes it fetch the whole layer from the first; its space is so small that it forgets
 * each as soon as nobody uses it. Two nodes hold one connection a layer, so several layers are
 * several connections.
 */
final class LayercastEnds implements WireEnds {
  static final String TLS = "layercast TLS";

  private static final String REPOSITORY = "bench/wire";
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Pattern REPORT = Pattern.compile("pull of sha256:[0-9a-f]{64} done ");
  private static final long MIB = 1024 * 1024;

  private final String name;
  private final Role sender;
  private final Role receiver;
  private final Map<Path, Blob> layers;

  private LayercastEnds(String name, Stack stack, Map<Path, Blob> layers) {
    this.name = name;
    this.sender = stack.agent(0);
    this.receiver = stack.agent(1);
    this.layers = layers;
  }

  /**
   * Gives the first agent every layer of {@code images}.
   *
   * @param mostBytes of what is fetched at a time
   */
  static LayercastEnds start(Workplace workplace, List<TestImage> images, long mostBytes)
      throws IOException {
    return start("layercast", workplace, images, mostBytes, Map.of());
  }

  /** The same, with TLS between the two. */
  static LayercastEnds withTls(Workplace workplace, List<TestImage> images, long mostBytes)
      throws IOException {
    Path folder = CertificateAuthority.create(workplace, "authority").folderFor("p2p-peer");
    Map<String, String> tls = Map.of("LAYERCAST_SWARM_TLS_FOLDER", folder.toString());
    return start(TLS, workplace, images, mostBytes, tls);
  }

  private static LayercastEnds start(
      String name,
      Workplace workplace,
      List<TestImage> images,
      long mostBytes,
      Map<String, String> environment)
      throws IOException {
    Path forgetful = workplace.folder("forgetful").resolve("agent.conf");
    Files.writeString(
        forgetful,
        """
        layercast.engine.store.space {
          quota = %d, quota-high-percent = 2, quota-low-percent = 1
          idle = 1 s, check-interval = 1 s
        }
        """
            .formatted(2 * mostBytes));
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    Stack stack =
        Stack.before(workplace, registry.url())
            .proxy()
            .agent()
            .agent("--config", forgetful.toString())
            .environment(environment)
            .start();
    Map<Path, Blob> layers = new HashMap<>();
    for (TestImage image : images) {
      new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
      for (Blob layer : image.layers()) {
        var _ = Puller.create().mustPull(stack.agent(0).url(), REPOSITORY, layer);
        layers.put(image.file(layer), layer);
      }
    }
    silence(workplace, stack.proxy(0));
    return new LayercastEnds(name, stack, layers);
  }

  /**
   * Has the proxy answer for its layers and seed none of them: its only place for a connection is
   * taken by one that says nothing.
   */
  private static void silence(Workplace workplace, Role proxy) throws IOException {
    Path config = workplace.folder("silent").resolve("proxy.conf");
    Files.writeString(
        config, "layercast.swarm { max-connections = 1, handshake-timeout = 1 day }\n");
    proxy.stop();
    proxy.start("--config", config.toString());
    proxy.awaitReady();
    var at = Workplace.socketAddress(proxy.peerAddress());
    Socket _ = workplace.closeLater(new Socket(at.getAddress(), at.getPort()));
  }

  /** Starts both agents anew; the first opens every layer again, as a node does whose pods come. */
  void restart() throws IOException {
    for (Role agent : List.of(receiver, sender)) {
      agent.stop();
      agent.start();
      agent.awaitReady();
    }
    beginAll(sender, List.copyOf(layers.values()));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean runsOnJvm() {
    return true;
  }

  @Override
  public Transfer fetch(List<Path> files) throws IOException {
    List<Blob> wanted = files.stream().map(file -> layers.get(file)).toList();
    int before = reports().size();
    int after = before + wanted.size();
    Transfer transfer =
        WireEnds.measure(
            sender.program(),
            receiver.program(),
            () -> {
              beginAll(receiver, wanted);
              Wait.until("the second agent to have it", LIMIT, () -> reports().size() == after);
            });
    for (String report : reports().subList(before, after)) {
      if (!report.contains(" 0 from proxies, ") || !report.contains(" 0 over HTTP, ")) {
        throw new IOException("not all came from the other agent: " + report);
      }
    }
    Wait.until("the second agent to forget it", LIMIT, () -> storedBytes() < MIB);
    return transfer;
  }

  private static void beginAll(Role agent, List<Blob> wanted) throws IOException {
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new)) {
      List<Callable<Integer>> begun = new ArrayList<>();
      for (Blob layer : wanted) {
        String url = agent.url() + "/v2/" + REPOSITORY + "/blobs/" + layer.digest();
        begun.add(() -> Http.get(url, "Range", "bytes=0-0").status());
      }
      for (Future<Integer> each : threads.invokeAll(begun)) {
        if (each.get() != 206) {
          throw new IOException(agent.name() + " answered " + each.get() + " to a range");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException("tried to begin a pull, but failed", e.getCause());
    }
  }

  /** The second agent's log lines of layers that came. */
  private List<String> reports() {
    return receiver.program().output().lines().filter(REPORT.asPredicate()).toList();
  }

  private long storedBytes() throws IOException {
    try (var files = Files.walk(receiver.data())) {
      return files.map(Path::toFile).filter(File::isFile).mapToLong(File::length).sum();
    }
  }
}
