package io.layercast.bootstrap.node;

import akka.http.javadsl.model.Uri;
import akka.management.javadsl.AkkaManagement;
import java.io.IOException;
import java.util.Optional;

/** akka-management's HTTP side, where {@code layercast.bootstrap.management} asks for it. */
final class Management {
  private Management() {}

  /** Starts it: first of all, for other members ask here before any of them is in a cluster. */
  static void start(Node node) throws IOException, InterruptedException {
    Optional<HostPort> address = node.settings().management();
    if (address.isPresent()) {
      Uri uri =
          NodeSystem.await(
              "listen at " + address.get() + " for management",
              AkkaManagement.get(node.system()).start());
      node.listens("management", uri.toString());
    }
  }
}
