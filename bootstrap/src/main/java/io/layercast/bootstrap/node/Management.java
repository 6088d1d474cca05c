package io.layercast.bootstrap.node;

import akka.http.javadsl.model.Uri;
import akka.management.javadsl.AkkaManagement;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;

/** akka-management's HTTP side, where {@code layercast.bootstrap.management} asks for it. */
final class Management {
  private static final String KEY = "layercast.bootstrap.management";

  private Management() {}

  /** What Akka must be told before its system begins. */
  static Config settings(Config config) {
    if (config.getString(KEY).isEmpty()) {
      return ConfigFactory.empty();
    }
    HostPort address = HostPort.parse(config.getString(KEY));
    return ConfigFactory.empty()
        .withValue("akka.management.http.hostname", ConfigValueFactory.fromAnyRef(address.host()))
        .withValue("akka.management.http.port", ConfigValueFactory.fromAnyRef(address.port()));
  }

  /** Starts it; to be called last, for from then on the node says that it is ready. */
  static void start(Node node) throws IOException, InterruptedException {
    if (!node.config().getString(KEY).isEmpty()) {
      Uri uri =
          NodeSystem.await(
              "listen at " + node.config().getString(KEY) + " for management",
              AkkaManagement.get(node.system()).start());
      node.listens("management", uri.toString());
    }
  }
}
