package io.layercast.bootstrap.node;

import akka.actor.CoordinatedShutdown;
import akka.http.javadsl.ServerBinding;
import io.layercast.bootstrap.metrics.MetricsRoute;
import java.io.IOException;
import java.time.Duration;

/** The port that Prometheus asks, where {@code layercast.bootstrap.metrics} wants one. */
final class MetricsServer {
  private static final String KEY = "layercast.bootstrap.metrics";

  /** What an answer under way gets when the node ends. */
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private MetricsServer() {}

  /** Starts it. */
  static void start(Node node) throws IOException, InterruptedException {
    String address = node.config().getString(KEY);
    if (address.isEmpty()) {
      return;
    }
    HostPort listen = HostPort.parse(address);
    node.metrics().withJvm();
    ServerBinding binding =
        SidePort.bind(
            node, listen, "metrics", MetricsRoute.of(node.metrics()).handler(node.system()));
    node.onStop(
        CoordinatedShutdown.PhaseServiceRequestsDone(),
        "metrics",
        () -> binding.terminate(FAREWELL));
    node.listens("metrics", "http://" + HostPort.of(binding.localAddress()) + "/metrics");
  }
}
