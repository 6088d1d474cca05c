package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistrySettingsTest {
  private static RegistrySettings with(String overrides) {
    Config config = ConfigFactory.parseString(overrides).withFallback(ConfigFactory.load());
    return RegistrySettings.from(config);
  }

  @Test
  void defaults() {
    RegistrySettings settings = with("");

    assertThat(settings.origin().url()).isEmpty();
    assertThat(settings.origin().maxRedirects()).isEqualTo(5);
    assertThat(settings.origin().maxDocumentBytes()).isEqualTo(4 << 20);
    assertThat(settings.authorisation().grantTtl()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.proxyApi().inlineMaxBytes()).isEqualTo(256 * 1024);
    assertThat(settings.proxyApi().keepAlive().multipliedBy(2))
        .isLessThan(settings.proxies().silence());
    assertThat(settings.server().idleTimeout()).isEqualTo(Duration.ofMinutes(10));
    assertThat(settings.proxies().addresses()).isEmpty();
    assertThat(settings.proxyApi().requireCredential()).isFalse();
  }

  /** Else an agent takes a proxy for broken that waits for the origin. */
  @Test
  void layerAnswer_isWaitedForLongerThanItsProxyWaits() {
    Duration open = ConfigFactory.load().getDuration("layercast.engine.layer.open-timeout");

    assertThat(with("").proxies().layerAnswerTimeout()).isGreaterThanOrEqualTo(open.plusSeconds(5));
  }

  @Test
  void everyKey_isRead() {
    RegistrySettings settings =
        with(
            """
            layercast.registry {
              origin {
                url = "https://r.example:8443", ca-file = "/ca.pem", insecure = true
                http-proxy = "plain.example:3127", https-proxy = "http://u:pw@proxy.example:3128"
                no-proxy = "a.example, .b.example"
                bind-address = "127.0.0.9", connect-timeout = 1s, answer-timeout = 2s
                stall-timeout = 3s, max-short-connections = 4, max-blob-connections = 5
                max-redirects = 6, max-document-bytes = 7, max-retry-after = 8s
              }
              authorisation { grant-ttl = 9s, max-grants = 10, max-memberships = 11 }
              server { idle-timeout = 12s, max-connections = 13 }
              proxy-api { inline-max-bytes = 14, keep-alive = 15s, permit-ttl = 16s, tls-folder = "/tls"
                require-credential = true }
              proxies {
                addresses = ["p:1"], bind-address = "127.0.0.8", connect-timeout = 17s
                answer-timeout = 18s, silence = 19s, max-connections = 20, resolve-every = 21s
                longest-wait = 22s, layer-answer-timeout = 23s, ca-file = "/ca.crt", server-name = "proxy.example"
              }
            }
            """);

    OriginSettings origin = settings.origin();
    assertThat(origin.url()).contains(URI.create("https://r.example:8443"));
    assertThat(origin.caFile().orElseThrow()).hasToString("/ca.pem");
    assertThat(origin.insecure()).isTrue();
    assertThat(origin.bindAddress().orElseThrow().getHostAddress()).isEqualTo("127.0.0.9");
    assertThat(
            List.of(
                origin.connectTimeout(),
                origin.answerTimeout(),
                origin.stallTimeout(),
                origin.maxRetryAfter(),
                settings.authorisation().grantTtl(),
                settings.server().idleTimeout(),
                settings.proxyApi().keepAlive(),
                settings.proxyApi().permitTtl(),
                settings.proxies().connectTimeout(),
                settings.proxies().answerTimeout(),
                settings.proxies().silence(),
                settings.proxies().resolveEvery(),
                settings.proxies().longestWait(),
                settings.proxies().layerAnswerTimeout()))
        .extracting(Duration::toSeconds)
        .containsExactly(1L, 2L, 3L, 8L, 9L, 12L, 15L, 16L, 17L, 18L, 19L, 21L, 22L, 23L);
    assertThat(
            List.of(
                origin.maxShortConnections(),
                origin.maxBlobConnections(),
                origin.maxRedirects(),
                origin.maxDocumentBytes(),
                settings.authorisation().maxGrants(),
                settings.authorisation().maxMemberships(),
                settings.server().maxConnections(),
                settings.proxyApi().inlineMaxBytes(),
                settings.proxies().maxConnections()))
        .containsExactly(4, 5, 6, 7, 10, 11, 13, 14, 20);
    assertThat(settings.proxies().addresses()).containsExactly("p:1");
    assertThat(settings.proxies().bindAddress()).isPresent();
    assertThat(settings.proxies().caFile().orElseThrow()).hasToString("/ca.crt");
    assertThat(settings.proxies().serverName()).isEqualTo("proxy.example");
    assertThat(settings.proxyApi().tlsFolder().orElseThrow()).hasToString("/tls");
    assertThat(settings.proxyApi().requireCredential()).isTrue();
    assertThat(settings.toString()).doesNotContain("pw@");
    assertThat(origin.forwardProxies().to(URI.create("https://a.example/v2/"))).isEmpty();
    assertThat(origin.forwardProxies().to(URI.create("https://x.b.example"))).isEmpty();
    assertThat(origin.forwardProxies().to(URI.create("https://r.example")))
        .contains(URI.create("http://u:pw@proxy.example:3128"));
    assertThat(origin.forwardProxies().to(URI.create("http://r.example")))
        .contains(URI.create("http://plain.example:3127"));
    assertThat(with("").origin().forwardProxies().to(URI.create("https://r.example"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "origin.url = \"registry.example.com\"",
        "origin.url = \"https://registry.example.com/path\"",
        "origin.url = \"https://user:pw@registry.example.com\"",
        "origin.bind-address = \"localhost\"",
        "origin.https-proxy = \"https://tls-to-the-proxy.example\"",
        "origin.http-proxy = \"http://proxy.example/path\"",
        "origin.no-proxy = \"10.0.0.0/33\"",
        "origin.answer-timeout = 0s",
        "authorisation.grant-ttl = 6m",
        "authorisation.max-grants = 0",
        "proxy-api.inline-max-bytes = 5 MiB",
        "proxies.addresses = [\"no-port\"]"
      })
  void broken_isRefusedByName(String override) {
    String key = override.substring(override.indexOf('.') + 1, override.indexOf(' '));

    assertThatThrownBy(() -> with("layercast.registry." + override))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key);
  }
}
