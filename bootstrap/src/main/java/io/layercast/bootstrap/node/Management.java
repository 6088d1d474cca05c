package io.layercast.bootstrap.node;

import akka.http.javadsl.ServerBinding;
import akka.management.javadsl.AkkaManagement;
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
          SidePort.bind(
              node,
              address.get(),
              "management",
              AkkaManagement.get(node.system()).getRoutes().handler(node.system()));
      node.listens("management", "http://" + HostPort.of(binding.localAddress()));
    }
  }
}
