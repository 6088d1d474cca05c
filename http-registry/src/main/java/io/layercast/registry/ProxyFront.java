package io.layercast.registry;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.http.javadsl.server.Route;
import akka.stream.SystemMaterializer;
import io.layercast.engine.ProxyLayers;
import io.layercast.engine.SwarmKeys;
import io.layercast.engine.rate.RateLimiter;
import io.layercast.engine.store.ManifestStore;
import java.time.Clock;
import java.util.concurrent.Executor;

/** The HTTP API of a proxy: the OCI pull front, and what agents ask of layers. */
public final class ProxyFront {
  private ProxyFront() {}

  /**
   * The route of a proxy; answers every request.
   *
   * @param manifests in the proxy's store
   * @param keys sign permits between proxies
   * @param download the node's download limit, on blob bytes that are relayed and not stored
   * @param upload the node's upload limit, on every blob byte sent over HTTP
   * @param proxies how other proxies are asked
   */
  public static Route create(
      ActorSystem<?> system,
      RegistrySettings settings,
      OriginClient origin,
      ProxyLayers layers,
      ManifestStore manifests,
      SwarmKeys keys,
      Torrents torrents,
      RateLimiter download,
      RateLimiter upload,
      ProxyDoor proxies) {
    return create(
        system,
        settings,
        origin,
        layers::open,
        manifests,
        keys,
        torrents,
        download,
        upload,
        proxies,
        Clock.systemUTC());
  }

  static Route create(
      ActorSystem<?> system,
      RegistrySettings settings,
      OriginClient origin,
      LayerDoor.Opener layers,
      ManifestStore manifests,
      SwarmKeys keys,
      Torrents torrents,
      RateLimiter download,
      RateLimiter upload,
      ProxyDoor proxies,
      Clock clock) {
    Executor disk =
        system
            .dispatchers()
            .lookup(DispatcherSelector.fromConfig("layercast.engine.disk-dispatcher"));
    Authorizer authorizer =
        new Authorizer(origin, settings.authorisation().newTable(), new SteadyClock());
    LayerDoor door = new LayerDoor(authorizer, layers);
    Permits permits = new Permits(keys, settings.proxyApi().permitTtl());
    ProxyBlobs blobs =
        new ProxyBlobs(
            door,
            authorizer,
            origin,
            ProxyClient.caller(system, settings.proxies(), proxies),
            proxies,
            permits,
            download,
            upload,
            settings.proxies(),
            clock);
    HeldDesk held = new HeldDesk(keys, disk, SystemMaterializer.get(system).materializer());
    ProxyApi api =
        new ProxyApi(
            door,
            blobs,
            permits,
            held,
            torrents,
            upload,
            settings.proxyApi(),
            proxies.scheme(),
            clock);
    Route route =
        RegistryRoutes.create(
            system, new OriginBackend(origin, authorizer, manifests, disk), blobs, api);
    return settings.proxyApi().requireCredential() ? NodesOnly.before(keys, route) : route;
  }
}
