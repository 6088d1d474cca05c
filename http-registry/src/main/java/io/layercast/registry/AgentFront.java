package io.layercast.registry;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.server.Route;
import io.layercast.engine.Layers;

/** What container runtimes pull from on a node. */
public final class AgentFront {
  private AgentFront() {}

  /**
   * The route of an agent; answers every request. Blobs come from {@code layers}, the rest from a
   * proxy.
   */
  public static Route create(ActorSystem<?> system, ProxyClient proxies, Layers layers) {
    return RegistryRoutes.create(system, proxies.backend(), layers, proxies::torrent);
  }
}
