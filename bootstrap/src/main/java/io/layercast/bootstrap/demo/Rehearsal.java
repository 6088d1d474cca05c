package io.layercast.bootstrap.demo;

import com.typesafe.config.Config;
import io.layercast.bootstrap.node.AllRoles;
import io.layercast.bootstrap.node.RunningNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A small pull through every role, so that the JVMs can write down for later ones which classes
 * they will load and which methods will be hot (JEP 514, JEP 515).
 *
 * <p>An origin and a node of all roles in this JVM and an agent in one of its own, which loads what
 * an agent needs and nothing else; on loopback at free ports, in a folder that is removed
 * afterwards.
 */
public final class Rehearsal {
  /** Makes a configuration in which these keys are preset. */
  public interface Settings {
    Config with(Map<String, Object> keys) throws IOException;
  }

  private static final String KEYS = "layercast.bootstrap.";

  /** Writing a cache takes seconds of two cores. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Settings settings;
  private final Path agentCache;

  /**
   * @param agentCache where the agent's JVM writes its start-up cache
   */
  public Rehearsal(Settings settings, Path agentCache) {
    this.settings = settings;
    this.agentCache = agentCache;
  }

  /**
   * Pulls an image of about {@code imageBytes} on both agents at once, then again from what they
   * have stored.
   *
   * @throws IOException when a node does not start, a pull fails or no cache was written
   */
  public void run(long imageBytes) throws IOException, InterruptedException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (DemoFolder folder = DemoFolder.create();
        DemoOrigin origin = DemoOrigin.start(any, imageBytes)) {
      List<Runnable> ends = new ArrayList<>();
      try {
        List<URI> agents = start(folder, origin, ends);
        for (int round = 0; round < 2; round++) {
          pullOnAll(agents);
        }
      } finally {
        ends.reversed().forEach(Runnable::run);
      }
    }
    if (!Files.isReadable(agentCache)) {
      throw new IOException("the agent's JVM wrote no " + agentCache);
    }
  }

  private List<URI> start(DemoFolder folder, DemoOrigin origin, List<Runnable> ends)
      throws IOException, InterruptedException {
    String tracker;
    String api;
    String proxyPeers;
    List<String> listen = new ArrayList<>();
    List<String> peers = new ArrayList<>();
    try (Ports ports = new Ports()) {
      tracker = Ports.text(ports.choose(1, 0));
      api = Ports.text(ports.choose(1, 0));
      proxyPeers = Ports.text(ports.choose(1, 0));
      for (int agent = 0; agent < 2; agent++) {
        listen.add(Ports.text(ports.choose(1, 0)));
        peers.add(Ports.text(ports.choose(1, 0)));
      }
    }
    RunningNode all =
        AllRoles.start(
            settings.with(
                Map.of(
                    "layercast.registry.origin.url",
                    "http://" + Ports.text(origin.address()),
                    KEYS + "cluster.address",
                    "127.0.0.1:0",
                    KEYS + "tracker.listen",
                    tracker,
                    KEYS + "proxy.api-address",
                    api,
                    KEYS + "proxy.peer-address",
                    proxyPeers,
                    KEYS + "proxy.data",
                    folder.path().resolve("proxy").toString(),
                    KEYS + "agent.listen",
                    listen.get(0),
                    KEYS + "agent.peer-address",
                    peers.get(0),
                    KEYS + "agent.data",
                    folder.path().resolve("agent-1").toString())));
    ends.add(() -> {
      all.stop();
      all.whenEnded().toCompletableFuture().join();
    });
    List<String> agent = new ArrayList<>(List.of("--json", "--tracker", "http://" + tracker));
    agent.addAll(List.of("--proxy", api, "--listen", listen.get(1)));
    agent.addAll(List.of("--peer-address", peers.get(1)));
    agent.addAll(List.of("--data", folder.path().resolve("agent-2").toString()));
    ChildProcess child =
        ChildProcess.start(
            "agent", JavaCommand.recorded("agent", agentCache, agent), folder.path());
    ends.add(() -> {
      child.askToStop();
      child.awaitStopped(LIMIT);
    });
    var _ = child.awaitReady(LIMIT);
    return listen.stream().map(address -> URI.create("http://" + address)).toList();
  }

  private static void pullOnAll(List<URI> agents) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient();
        ExecutorService executor = Executors.newFixedThreadPool(agents.size())) {
      List<Callable<ImagePuller.Pulled>> pulls = new ArrayList<>();
      for (URI agent : agents) {
        pulls.add(
            () -> new ImagePuller(http, agent, _ -> {}).pull(DemoImage.REPOSITORY, DemoImage.TAG));
      }
      for (Future<ImagePuller.Pulled> pull : executor.invokeAll(pulls)) {
        pull.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("tried to rehearse a pull, but failed because " + e.getCause(), e);
    }
  }
}
