package io.layercast.bootstrap.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.layercast.engine.EngineSettings;
import io.layercast.tracker.Tracker;
import java.io.IOException;
import java.util.List;

/** All three roles in one process and one system, a cluster of its own. */
public final class AllRoles {
  private AllRoles() {}

  /**
   * Starts them; the agent and the proxy find each other and the tracker by the addresses that
   * {@code config} has them listen at.
   *
   * @throws IOException when one cannot listen or use its data folder
   */
  public static RunningNode start(Config config) throws IOException, InterruptedException {
    ClusterKeyFile key =
        ClusterKeyFile.open(config.getString("layercast.bootstrap.cluster.key-file"));
    Config joined = introduced(config);
    String proxy = EngineSettings.from(config).layer().role();
    return Node.member(
        joined,
        List.of(proxy, Tracker.ROLE),
        node -> {
          TrackerRole.startIn(node, key);
          new NodeMetrics(node.metrics(), "up").cluster(node.system());
          ProxyRole.startIn(node, key);
          AgentRole.startIn(node);
        },
        NodeSystem::awaitUp);
  }

  private static Config introduced(Config config) {
    return ConfigFactory.empty()
        .withValue(
            "layercast.tracker.client.addresses",
            ConfigValueFactory.fromIterable(
                List.of(config.getString("layercast.bootstrap.tracker.listen"))))
        .withValue(
            "layercast.registry.proxies.addresses",
            ConfigValueFactory.fromIterable(
                List.of(config.getString("layercast.bootstrap.proxy.api-address"))))
        .withFallback(config);
  }
}
