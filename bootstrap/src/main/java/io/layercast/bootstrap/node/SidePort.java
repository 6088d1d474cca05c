package io.layercast.bootstrap.node;

import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.japi.function.Function;
import io.layercast.registry.Callers;
import io.layercast.registry.RegistrySettings;
import java.io.IOException;
import java.util.concurrent.CompletionStage;

/**
 * A port beside those that pulls go through: few ask there, kubelet among them. So one address may
 * have few of its connections, far fewer than there are, and cannot keep the others out.
 */
final class SidePort {
  /** A member or Prometheus has a handful; where all members share a host, ten have 40. */
  private static final int MAX_CONNECTIONS_PER_ADDRESS = 64;

  private SidePort() {}

  /**
   * Listens.
   *
   * @param purpose as in "listen at … for management"
   */
  static ServerBinding bind(
      Node node,
      HostPort address,
      String purpose,
      Function<HttpRequest, CompletionStage<HttpResponse>> handler)
      throws IOException, InterruptedException {
    RegistrySettings.Server bounds = bounds(RegistrySettings.from(node.config()).server());
    return NodeSystem.await(
        "listen at %s for %s".formatted(address, purpose),
        Http.get(node.system())
            .newServerAt(address.host(), address.port())
            .adaptSettings(settings ->
                settings
                    .withRemoteAddressAttribute(true)
                    .withMaxConnections(bounds.maxConnections()))
            .bindFlow(new Callers(bounds).bounded(handler)));
  }

  private static RegistrySettings.Server bounds(RegistrySettings.Server server) {
    return new RegistrySettings.Server(
        server.idleTimeout(),
        server.requestTimeout(),
        server.maxConnections(),
        Math.min(server.maxConnectionsPerAddress(), MAX_CONNECTIONS_PER_ADDRESS));
  }
}
