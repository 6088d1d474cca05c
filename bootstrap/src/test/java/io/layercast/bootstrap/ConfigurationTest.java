package io.layercast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
  private static final String DATA = "layercast.bootstrap.agent.data";
  private static final String POINTS = "layercast.bootstrap.cluster.contact-points";

  @TempDir Path folder;

  @Test
  void load_givesTheReferenceWhereNothingIsSaid() throws IOException {
    Config config = new Configuration().load(Optional.empty(), Map.of());
    assertThat(config.getString(DATA)).isEqualTo("/p2p_agent_data");
    assertThat(config.getString("layercast.bootstrap.proxy.data")).isEqualTo("/p2p_proxy_data");
    assertThat(config.getString("layercast.bootstrap.agent.listen")).isEqualTo("localhost:5004");
    assertThat(config.getInt("layercast.bootstrap.agent.download-rate")).isZero();
  }

  @Test
  void load_putsOurSettingsOfAkkaAboveEveryReference() throws IOException {
    Config config = new Configuration().load(Optional.empty(), Map.of());
    assertThat(config.getBytes("akka.io.tcp.direct-buffer-size")).isEqualTo(256 << 10);
    assertThat(config.getInt("akka.stream.materializer.io.tcp.coalesce-writes")).isZero();
    assertThat(config.getBoolean("akka.cluster.jmx.enabled")).isFalse();
  }

  @Test
  void load_prefersOptionThenEnvironmentThenFileThenPreset() throws IOException {
    Configuration configuration = new Configuration().preset(DATA, "preset");
    assertThat(configuration.load(Optional.empty(), Map.of()).getString(DATA)).isEqualTo("preset");
    Optional<Path> file = file("layercast.bootstrap.agent.data = file");
    assertThat(configuration.load(file, Map.of()).getString(DATA)).isEqualTo("file");
    Map<String, String> environment = Map.of("LAYERCAST_BOOTSTRAP_AGENT_DATA", "environment");
    assertThat(configuration.load(file, environment).getString(DATA)).isEqualTo("environment");
    configuration.option(DATA, Optional.of("option"));
    assertThat(configuration.load(file, environment).getString(DATA)).isEqualTo("option");
  }

  @Test
  void load_takesTheForwardProxiesThatEveryToolGoesBy() throws IOException {
    String origin = "layercast.registry.origin.";
    Map<String, String> environment =
        Map.of(
            "http_proxy", "http://plain:1",
            "HTTPS_PROXY", "http://tls:2",
            "https_proxy", "http://other:3",
            "NO_PROXY", "10.0.0.0/8",
            "LAYERCAST_REGISTRY_ORIGIN_NO_PROXY", "ours");
    Config config = new Configuration().load(Optional.empty(), environment);
    assertThat(config.getString(origin + "http-proxy")).isEqualTo("http://plain:1");
    assertThat(config.getString(origin + "https-proxy")).isEqualTo("http://tls:2");
    assertThat(config.getString(origin + "no-proxy")).isEqualTo("ours");
  }

  @Test
  void load_readsListsFromTheEnvironmentByCommas() throws IOException {
    Map<String, String> environment =
        Map.of("LAYERCAST_BOOTSTRAP_CLUSTER_CONTACT_POINTS", "a:1, b:2");
    Config config = new Configuration().load(Optional.empty(), environment);
    assertThat(config.getStringList(POINTS)).isEqualTo(List.of("a:1", "b:2"));
  }

  @Test
  void load_keepsTheFileWhereAnOptionWasNotGiven() throws IOException {
    Config config =
        new Configuration()
            .option(DATA, Optional.empty())
            .options(POINTS, List.of())
            .load(
                file("layercast.bootstrap { agent.data = d, cluster.contact-points = [\"p:1\"] }"),
                Map.of());
    assertThat(config.getString(DATA)).isEqualTo("d");
    assertThat(config.getStringList(POINTS)).containsExactly("p:1");
  }

  @Test
  void load_refusesAKeyOfOursThatDoesNotExist() {
    assertThatThrownBy(
            () -> new Configuration().load(file("layercast.bootstrap.agent.dtaa = x"), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("layercast.bootstrap.agent.dtaa");
  }

  @Test
  void load_refusesAFileThatIsNotThere() {
    assertThatThrownBy(
            () -> new Configuration().load(Optional.of(folder.resolve("none")), Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none");
  }

  private Optional<Path> file(String text) throws IOException {
    return Optional.of(Files.writeString(folder.resolve("test.conf"), text));
  }
}
