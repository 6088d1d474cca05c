package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootstrapSettingsTest {
  private static final Config DEFAULTS = ConfigFactory.defaultReference();

  @Test
  void from_readsEveryKey() {
    Config all =
        ConfigFactory.parseString(
                """
                layercast.bootstrap {
                  agent { listen = "a:1", peer-address = "b:2", data = /c, stop-grace = 3s
                    credential-file = /q, discovery = kubernetes-api }
                  proxy { api-address = "d:4", peer-address = "e:5", data = /f, stop-grace = 6s }
                  tracker.listen = "g:7"
                  cluster { address = "h:8", discovery = kubernetes-api, contact-points = ["i:9"]
                    stable-margin = 10s, contact-patience = 11s, probe-interval = 12s
                    split-check = 13s, key-file = /j, tls-folder = /r, join-timeout = 14s }
                  kubernetes { pod-selector = "k=l", account = /m, container = n, keep = 16s }
                  management = "o:15"
                }
                """)
            .withFallback(DEFAULTS);
    assertThat(BootstrapSettings.from(all))
        .isEqualTo(
            new BootstrapSettings(
                new BootstrapSettings.Agent(
                    new HostPort("a", 1),
                    new HostPort("b", 2),
                    Path.of("/c"),
                    seconds(3),
                    Optional.of(Path.of("/q")),
                    BootstrapSettings.Names.KUBERNETES_API),
                new BootstrapSettings.Proxy(
                    new HostPort("d", 4), new HostPort("e", 5), Path.of("/f"), seconds(6)),
                new HostPort("g", 7),
                new BootstrapSettings.Cluster(
                    new HostPort("h", 8),
                    BootstrapSettings.Discovery.KUBERNETES_API,
                    List.of(new HostPort("i", 9)),
                    seconds(10),
                    seconds(11),
                    seconds(12),
                    seconds(13),
                    "/j",
                    Optional.of(Path.of("/r")),
                    seconds(14)),
                new BootstrapSettings.Kubernetes("k=l", Path.of("/m"), "n", seconds(16)),
                Optional.of(new HostPort("o", 15))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent.listen",
        "agent.peer-address",
        "agent.data",
        "agent.stop-grace",
        "agent.credential-file",
        "agent.discovery",
        "proxy.api-address",
        "proxy.peer-address",
        "proxy.data",
        "proxy.stop-grace",
        "tracker.listen",
        "cluster.address",
        "cluster.discovery",
        "cluster.contact-points",
        "cluster.stable-margin",
        "cluster.contact-patience",
        "cluster.probe-interval",
        "cluster.split-check",
        "cluster.key-file",
        "cluster.tls-folder",
        "cluster.join-timeout",
        "kubernetes.pod-selector",
        "kubernetes.account",
        "kubernetes.container",
        "management"
      })
  void from_needsEachKey(String key) {
    assertThatThrownBy(
            () -> BootstrapSettings.from(DEFAULTS.withoutPath("layercast.bootstrap." + key)))
        .isInstanceOf(ConfigException.Missing.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent.listen = nowhere",
        "agent.stop-grace = -1s",
        "proxy.stop-grace = 1h",
        "cluster.discovery = consul",
        "cluster.contact-points = [nowhere]",
        "cluster.probe-interval = 0s",
        "cluster.join-timeout = 0s",
        "kubernetes.pod-selector = \"a=%s\"",
        "management = 8558"
      })
  void from_namesTheKeyThatIsWrong(String line) {
    Config wrong = ConfigFactory.parseString("layercast.bootstrap." + line).withFallback(DEFAULTS);
    String key = line.substring(0, line.indexOf(' '));
    assertThatThrownBy(() -> BootstrapSettings.from(wrong))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key.substring(key.lastIndexOf('.') + 1));
  }

  @Test
  void from_wantsManagementWhereOthersAreLookedFor() {
    Config wrong =
        ConfigFactory.parseString("layercast.bootstrap.cluster.contact-points = [\"a:1\"]")
            .withFallback(DEFAULTS);
    assertThatThrownBy(() -> BootstrapSettings.from(wrong)).hasMessageContaining("management");
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }
}
