package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What kubelet's readiness probe hears from a node, over HTTP. */
class HealthTest {
  private static final Duration START = Duration.ofSeconds(30);

  /** Nobody listens there. */
  private static final String NOBODY = "127.0.0.1:1";

  @TempDir Path data;
  private final HttpClient client = HttpClient.newHttpClient();
  private @Nullable Node node;

  @AfterEach
  void stop() throws Exception {
    client.close();
    if (node != null) {
      node.stop();
      node.whenEnded().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void agent_isReadyThoughItsDiskIsFullAndTrackerAndProxiesAreLost() throws Exception {
    Node agent = start(AgentRole::startIn);

    await()
        .atMost(START)
        .untilAsserted(() ->
            assertThat(get(at(agent, "metrics")))
                .contains("layercast_disk_short{role=\"agent\"} 1.0"));
    assertThat(ready(agent)).isEqualTo(200);
  }

  @Test
  void node_isNotReadyBeforeItHasStarted() throws Exception {
    CompletableFuture<Integer> meanwhile = new CompletableFuture<>();
    Node started = start(starting -> meanwhile.complete(ready(starting)));

    assertThat(meanwhile).isCompletedWithValueMatching(status -> status >= 500);
    assertThat(ready(started)).isEqualTo(200);
  }

  @Test
  void node_isNotReadyWhenAServerOfItsDoesNotAnswer() throws Exception {
    Node deaf = start(starting -> starting.serves("http://" + NOBODY, Optional.empty()));

    assertThat(ready(deaf)).isGreaterThanOrEqualTo(500);
  }

  @Test
  void node_isNotReadyWhileItDrainsAndWhatRunsIsAnswered() throws Exception {
    CompletableFuture<Void> came = new CompletableFuture<>();
    CompletableFuture<HttpResponse> slow = new CompletableFuture<>();
    Node draining =
        start(starting -> {
          ServerBinding server =
              NodeSystem.await(
                  "listen",
                  Http.get(starting.system())
                      .newServerAt("127.0.0.1", 0)
                      .bind((HttpRequest _) -> {
                        came.complete(null);
                        return slow;
                      }));
          Drain.onStop(starting, "slow", "", Duration.ofSeconds(20), server::terminate);
          starting.listens("slow", "http:/" + server.localAddress());
        });
    var answer =
        client.sendAsync(
            java.net.http.HttpRequest.newBuilder(URI.create(at(draining, "slow"))).build(),
            BodyHandlers.discarding());
    came.get(30, TimeUnit.SECONDS);
    assertThat(ready(draining)).isEqualTo(200);

    draining.stop();

    await().atMost(START).until(() -> ready(draining) >= 500);
    assertThat(answer).isNotDone();
    slow.complete(HttpResponse.create());
    assertThat(answer.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
  }

  @Test
  void node_isReadyForOthersWhileOneAddressHoldsAllItMayOfItsPorts() throws Exception {
    Node held = start(_ -> {});
    List<Socket> sockets = new ArrayList<>();
    try {
      for (String part : List.of("management", "metrics")) {
        URI port = URI.create(at(held, part));
        for (int i = 0; i < 100; i++) {
          sockets.add(
              new Socket(
                  InetAddress.getByName(port.getHost()),
                  port.getPort(),
                  InetAddress.getByName("127.0.0.3"),
                  0));
        }
      }
      await().atMost(START).until(() -> sockets.stream().filter(HealthTest::isOpen).count() <= 128);

      assertThat(sockets.stream().filter(HealthTest::isOpen)).hasSize(128);
      assertThat(ready(held)).isEqualTo(200);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void node_asksItsServersOnceForManyWhoAsk() throws Exception {
    AtomicInteger probes = new AtomicInteger();
    Node asked =
        start(starting -> {
          ServerBinding server =
              NodeSystem.await(
                  "listen",
                  Http.get(starting.system())
                      .newServerAt("127.0.0.1", 0)
                      .bindSync(_ -> {
                        probes.incrementAndGet();
                        return HttpResponse.create();
                      }));
          starting.serves("http:/" + server.localAddress(), Optional.empty());
        });
    long began = System.nanoTime();
    for (int i = 0; i < 50; i++) {
      assertThat(ready(asked)).isEqualTo(200);
    }
    long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();

    assertThat(probes.get()).isBetween(1, 1 + (int) seconds);
  }

  /** Whether the other side has not closed it. */
  private static boolean isOpen(Socket socket) {
    try {
      socket.setSoTimeout(1);
      return socket.getInputStream().read() >= 0;
    } catch (SocketTimeoutException _) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private Node start(Node.Start parts) throws IOException, InterruptedException {
    Config config =
        ConfigFactory.parseString(
                """
                layercast {
                  bootstrap.management = "127.0.0.1:0"
                  bootstrap.metrics = "127.0.0.1:0"
                  bootstrap.agent {
                    listen = "127.0.0.1:0", peer-address = "127.0.0.1:%d", data = "%s", stop-grace = 20s
                  }
                  registry.proxies.addresses = ["%s"]
                  tracker.client.addresses = ["%s"]
                  engine.store.space {
                    free-floor-percent = 99, free-low-percent = 99, free-high-percent = 99
                    check-interval = 20ms
                  }
                }
                """
                    .formatted(freePort(), data, NOBODY, NOBODY))
            .withFallback(ConfigFactory.parseResources("io/layercast/bootstrap/akka.conf"))
            .withFallback(ConfigFactory.load());
    Node started = Node.alone(config, parts);
    node = started;
    return started;
  }

  /** Peers are told it, so it cannot be any. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private int ready(Node node) {
    return send(URI.create(at(node, "management")).resolve("/ready")).statusCode();
  }

  private String get(String url) {
    return send(URI.create(url)).body();
  }

  private java.net.http.HttpResponse<String> send(URI uri) {
    try {
      return client.send(
          java.net.http.HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String at(Node node, String part) {
    return String.valueOf(node.addresses().get(part));
  }
}
