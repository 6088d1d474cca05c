package io.layercast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.typesafe.config.Config;
import io.layercast.registry.RegistrySettings;
import io.layercast.tracker.TrackerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ConfigMaps and the environment of the manifests, read as a role reads them at its start. */
class MountedConfigurationTest {
  private static final YAMLMapper YAML = new YAMLMapper();

  @TempDir Path folder;

  @Test
  void agent_knowsItsRatesProxiesAndTrackers() throws IOException {
    Config config = load("agent");

    assertThat(TrackerSettings.from(config).client().addresses()).hasSize(1);
    assertThat(RegistrySettings.from(config).proxies().addresses()).hasSize(1);
    assertThat(config.getString("layercast.bootstrap.agent.peer-address"))
        .isEqualTo("[10.1.2.3]:6881");
    assertThat(config.getString("layercast.bootstrap.agent.data")).isEqualTo("/p2p_agent_data");
    assertThat(config.getString("downloadRate")).isEqualTo("100MB/s");
    assertThat(config.getString("uploadRate")).isEqualTo("100MB/s");
  }

  @Test
  void proxy_knowsItsOriginAndItsCluster() throws IOException {
    Config config = load("proxy");

    assertThat(RegistrySettings.from(config).origin()).isNotNull();
    assertThat(config.getString("layercast.registry.origin.url"))
        .isEqualTo("https://registry.example.com");
    assertThat(config.getString("layercast.bootstrap.cluster.discovery"))
        .isEqualTo("kubernetes-api");
    assertThat(config.getString("layercast.bootstrap.cluster.address"))
        .isEqualTo("[10.244.0.7]:2551");
    assertThat(config.getString("layercast.bootstrap.proxy.data")).isEqualTo("/p2p_proxy_data");
  }

  @Test
  void tracker_knowsItsCluster() throws IOException {
    Config config = load("tracker");

    assertThat(config.getString("layercast.bootstrap.management")).isEqualTo("[10.244.0.7]:8558");
    assertThat(config.getString("layercast.bootstrap.cluster.key-file"))
        .isEqualTo("/etc/layercast-keys/cluster.key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"proxy", "tracker"})
  void members_spareTheApiServer(String role) throws IOException {
    assertThat(load(role).getDuration("layercast.bootstrap.cluster.split-check"))
        .isEqualTo(Duration.ofSeconds(30));
  }

  /** With the ConfigMap's file in a folder and the container's environment, as kubelet has it. */
  private Config load(String role) throws IOException {
    Map<String, String> environment = new LinkedHashMap<>();
    for (JsonNode object : read(Path.of("..", "k8s", role + ".yaml"))) {
      if (object.path("kind").asText().equals("ConfigMap")) {
        assertThat(object.at("/metadata/name").asText()).isEqualTo(role);
        for (var file : object.path("data").properties()) {
          Files.writeString(folder.resolve(file.getKey()), file.getValue().asText());
        }
      }
      for (JsonNode variable : object.at("/spec/template/spec/containers/0/env")) {
        environment.put(
            variable.path("name").asText(),
            variable
                .path("value")
                .asText()
                .replace("$(NODE_IP)", "10.1.2.3")
                .replace("$(POD_IP)", "10.244.0.7"));
      }
    }
    return new Configuration()
        .option("layercast.bootstrap.config-folder", Optional.of(folder.toString()))
        .load(Optional.empty(), environment);
  }

  private static List<JsonNode> read(Path file) throws IOException {
    try (var all = YAML.readerFor(JsonNode.class).<JsonNode>readValues(file.toFile())) {
      return all.readAll();
    }
  }
}
