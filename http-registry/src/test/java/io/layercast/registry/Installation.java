package io.layercast.registry;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.DispatcherSelector;
import akka.stream.SystemMaterializer;
import akka.util.ByteString;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.LayerCatalog;
import io.layercast.engine.Layers;
import io.layercast.engine.NameLookup;
import io.layercast.engine.rate.RateLimiter;
import io.layercast.engine.store.ManifestStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** An origin, a proxy and an agent on loopback, wired as bootstrap does but for the swarm. */
final class Installation implements AutoCloseable {
  final FakeRegistry origin = new FakeRegistry();
  final ActorTestKit kit;
  final OriginClient originClient;
  final FakeLayers layers;
  final RateLimiter download;
  final ProxyClient proxies;
  final URI proxy;
  final URI agent;
  final HttpClient http = HttpClient.newHttpClient();
  private final List<FrontServer> servers;

  Installation(Path folder) {
    this(folder, "");
  }

  Installation(Path folder, String overrides) {
    this(folder, overrides, ProxyDoor.OPEN);
  }

  /**
   * @param agentDoor how the agent comes before the proxy
   */
  Installation(Path folder, String overrides, ProxyDoor agentDoor) {
    Config config =
        ConfigFactory.parseString(
                overrides + "\nlayercast.registry.origin.url = \"" + origin.url() + "\"")
            .withFallback(ConfigFactory.load());
    kit = ActorTestKit.create("registry", config);
    var system = kit.system();
    RegistrySettings settings = RegistrySettings.from(config);
    Executor disk =
        system
            .dispatchers()
            .lookup(DispatcherSelector.fromConfig("layercast.engine.disk-dispatcher"));
    originClient = OriginClient.create(system, settings.origin());
    layers =
        new FakeLayers(folder, originClient, SystemMaterializer.get(system).materializer(), disk);
    download = RateLimiter.create(0, system);
    FrontServer proxyServer;
    FrontServer agentServer;
    try {
      proxyServer =
          bind(
              settings,
              ProxyFront.create(
                  system,
                  settings,
                  originClient,
                  layers,
                  ManifestStore.open(folder),
                  FakeLayers.KEYS,
                  (blob, _, _) ->
                      CompletableFuture.completedFuture(
                          Optional.of(
                              ByteString.fromString("torrent of " + blob.digest()).toArray())),
                  download,
                  RateLimiter.create(0, system),
                  ProxyDoor.OPEN,
                  Clock.systemUTC()));
      proxy = url(proxyServer);
      RegistrySettings agentSettings =
          RegistrySettings.from(
              ConfigFactory.parseString(
                      "layercast.registry.proxies.addresses = [\"" + proxy.getAuthority() + "\"]")
                  .withFallback(config));
      proxies = ProxyClient.create(system, agentSettings.proxies(), agentDoor, NameLookup.DNS);
      agentServer =
          bind(
              settings,
              AgentFront.create(system, proxies, (access, digest) -> fallback(access, digest)));
      agent = url(agentServer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    servers = List.of(agentServer, proxyServer);
  }

  /** An agent's layers without a swarm. */
  private java.util.concurrent.CompletionStage<Layers.Answer> fallback(
      io.layercast.engine.OriginAccess access, io.layercast.engine.Digest digest) {
    return proxies
        .fetch(access, digest, 0, OptionalLong.empty())
        .thenApply(fetch ->
            switch (fetch) {
              case LayerCatalog.Fetched fetched ->
                  new Layers.Granted(fetched.sizeBytes(), (_, _) -> fetched.body());
              case LayerCatalog.Refused(var refusal) -> new Layers.Refused(refusal);
              case LayerCatalog.Unavailable(String cause) -> new Layers.Unavailable(cause);
            });
  }

  private FrontServer bind(RegistrySettings settings, akka.http.javadsl.server.Route route) {
    return FrontServer.bind(
            kit.system(),
            settings.server(),
            route,
            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            Optional.empty())
        .toCompletableFuture()
        .join();
  }

  private static URI url(FrontServer server) {
    return URI.create("http://127.0.0.1:" + server.addresses().getFirst().getPort());
  }

  HttpResponse<byte[]> get(URI base, String path, String... headers) {
    return send("GET", base, path, headers);
  }

  HttpResponse<byte[]> send(String method, URI base, String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request);
  }

  HttpResponse<byte[]> post(URI base, String path, String form) {
    return send(
        HttpRequest.newBuilder(base.resolve(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form)));
  }

  HttpResponse<byte[]> post(URI base, String path, byte[] body) {
    return send(
        HttpRequest.newBuilder(base.resolve(path))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    http.close();
    servers.forEach(server -> server.terminate(java.time.Duration.ofMillis(100)));
    kit.shutdownTestKit();
    layers.close();
    origin.close();
  }
}
