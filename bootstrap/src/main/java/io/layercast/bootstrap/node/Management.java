package io.layercast.bootstrap.node;

import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.management.javadsl.AkkaManagement;
import io.layercast.registry.Callers;
import io.layercast.registry.RegistrySettings;
import java.io.IOException;
import java.util.Optional;

/**
 * akka-management's routes, where {@code layercast.bootstrap.management} asks for them, on a server
 * of ours: with the bounds of every other port. It answers until the node's system has ended.
 */
final class Management {
  private Management() {}

  /** Starts it: first of all, for other members ask here before any of them is in a cluster. */
  static void start(Node node) throws IOException, InterruptedException {
    Optional<HostPort> address = node.settings().management();
    if (address.isPresent()) {
      ServerBinding binding =
          NodeSystem.await(
              "listen at " + address.get() + " for management",
              Http.get(node.system())
                  .newServerAt(address.get().host(), address.get().port())
                  .adaptSettings(settings -> settings.withRemoteAddressAttribute(true))
                  .bindFlow(
                      new Callers(RegistrySettings.from(node.config()).server())
                          .bounded(
                              AkkaManagement.get(node.system())
                                  .getRoutes()
                                  .handler(node.system()))));
      node.listens("management", "http://" + HostPort.of(binding.localAddress()));
    }
  }
}
