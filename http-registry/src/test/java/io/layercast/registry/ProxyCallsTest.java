package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpMethods;
import com.sun.net.httpserver.HttpServer;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.layercast.engine.Credential;
import io.layercast.engine.NameLookup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProxyCallsTest {
  /** One for all: a busy machine takes its time to start one. */
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          "proxy-calls",
          ConfigFactory.parseString("akka.logger-startup-timeout = 60s")
              .withFallback(ConfigFactory.load()));

  private InetSocketAddress proxy = new InetSocketAddress(0);
  private ProxyAddresses addresses =
      new ProxyAddresses(List.of(), NameLookup.DNS, Duration.ofDays(1));

  @BeforeEach
  void chooseAnAddress() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      proxy = new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort());
    }
  }

  @AfterAll
  static void end() {
    KIT.shutdownTestKit();
  }

  @Test
  void shortCall_waitsForAProxyThatIsNotThereYet() throws Exception {
    var outcome = call("20s", HttpCaller.Kind.SHORT);
    await().until(addresses::areAllDown);
    assertThat(outcome).isNotDone();

    HttpServer server = HttpServer.create(proxy, 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    try {
      assertThat(outcome.get(30, TimeUnit.SECONDS)).isEqualTo(new ProxyCalls.Used<>(200));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void shortCall_failsWhenTheWaitIsOver() throws Exception {
    assertThat(call("0s", HttpCaller.Kind.SHORT).get(30, TimeUnit.SECONDS))
        .isInstanceOf(ProxyCalls.Unavailable.class);
  }

  @Test
  void otherCalls_doNotWait() throws Exception {
    assertThat(call("5m", HttpCaller.Kind.BYTES).get(30, TimeUnit.SECONDS))
        .isInstanceOf(ProxyCalls.Unavailable.class);
  }

  /** What has just failed is asked last by itself: one connection for two. */
  @Test
  void redirectToAProxyThatHasJustFailed_isNotFollowed() throws Exception {
    List<String> asked = new CopyOnWriteArrayList<>();
    HttpServer owner = server(new InetSocketAddress(proxy.getAddress(), 0), asked, 200, "");
    HttpServer other = server(proxy, asked, 307, "http://%s/moved".formatted(address(owner)));
    try {
      ProxyCalls calls = calls("0s", address(other), address(owner));
      addresses.failed(HostAndPort.parse(address(owner)).orElseThrow());

      assertThat(call(calls, HttpCaller.Kind.BYTES).get(30, TimeUnit.SECONDS))
          .isEqualTo(new ProxyCalls.Used<>(200));
      assertThat(asked).containsExactly("307 /v2/", "200 /v2/");
    } finally {
      owner.stop(0);
      other.stop(0);
    }
  }

  private static HttpServer server(
      InetSocketAddress at, List<String> asked, int status, String location) throws IOException {
    HttpServer server = HttpServer.create(at, 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(status + " " + exchange.getRequestURI());
          exchange.getResponseHeaders().add("Location", location);
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static String address(HttpServer server) {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private CompletableFuture<ProxyCalls.Outcome<Integer>> call(String wait, HttpCaller.Kind kind) {
    return call(calls(wait, proxy.getAddress().getHostAddress() + ":" + proxy.getPort()), kind);
  }

  private ProxyCalls calls(String wait, String... proxies) {
    Config config =
        ConfigFactory.parseString("layercast.registry.proxies.longest-wait = " + wait)
            .withValue(
                "layercast.registry.proxies.addresses",
                ConfigValueFactory.fromIterable(List.of(proxies)))
            .withFallback(ConfigFactory.load());
    ProxiesSettings settings = RegistrySettings.from(config).proxies();
    addresses = new ProxyAddresses(settings.addresses(), NameLookup.DNS, settings.resolveEvery());
    return new ProxyCalls(
        ProxyClient.caller(KIT.system(), settings, ProxyDoor.OPEN),
        addresses,
        ProxyDoor.OPEN,
        settings.longestWait());
  }

  private static CompletableFuture<ProxyCalls.Outcome<Integer>> call(
      ProxyCalls calls, HttpCaller.Kind kind) {
    return calls
        .send(
            new ProxyCalls.Call(
                HttpMethods.GET, "/v2/", List.of(), HttpEntities.EMPTY, Credential.NONE, "", kind),
            response -> {
              response.discardEntityBytes(KIT.system());
              return CompletableFuture.completedStage(response.status().intValue());
            })
        .toCompletableFuture();
  }
}
