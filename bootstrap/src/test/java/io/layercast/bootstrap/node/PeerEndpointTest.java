package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class PeerEndpointTest {
  private static final String TRACKERS = "layercast.tracker.client.bind-address";
  private static final String PROXIES = "layercast.registry.proxies.bind-address";

  @Test
  void bindRequests_leaveFromWhereANodeThatNobodyVouchesForListens() throws IOException {
    Config config = bound("127.0.0.9:6881", "");

    assertThat(config.getString(TRACKERS)).isEqualTo("127.0.0.9");
    assertThat(config.getString(PROXIES)).isEqualTo("127.0.0.9");
  }

  @Test
  void bindRequests_leavesTheSourceToTheSystemForAnAgentWithTheCredential() throws IOException {
    Config config = bound("127.0.0.9:6881", "/etc/layercast-agent/agent.token");

    assertThat(config.getString(TRACKERS)).isEmpty();
    assertThat(config.getString(PROXIES)).isEmpty();
  }

  @Test
  void bindRequests_leavesTheSourceToTheSystemWhereTheNodeListensEverywhere() throws IOException {
    assertThat(bound("0.0.0.0:6881", "").getString(TRACKERS)).isEmpty();
  }

  @Test
  void source_isWhereTheNodeListensUnlessItHasTheCredential() throws IOException {
    PeerEndpoint endpoint = endpoint("127.0.0.9:6881", "");

    assertThat(endpoint.source(config("127.0.0.9:6881", "")))
        .contains(InetAddress.ofLiteral("127.0.0.9"));
    assertThat(endpoint.source(config("127.0.0.9:6881", "/etc/layercast-agent/agent.token")))
        .isEmpty();
  }

  @Test
  void bindRequests_leaveWhatIsSet() throws IOException {
    Config set = ConfigFactory.parseString(TRACKERS + " = \"127.0.0.7\"");

    Config config = bind(set.withFallback(config("127.0.0.9:6881", "")));

    assertThat(config.getString(TRACKERS)).isEqualTo("127.0.0.7");
    assertThat(config.getString(PROXIES)).isEqualTo("127.0.0.9");
  }

  @Test
  void of_theWildcard_advertisesNoAddress() throws IOException {
    PeerEndpoint endpoint = endpoint("0.0.0.0:6881", "");

    assertThat(endpoint.advertised().getAddress().isAnyLocalAddress()).isTrue();
    assertThat(endpoint.advertised().getPort()).isEqualTo(6881);
  }

  @Test
  void of_theWildcard_whereItIsKnownHowOthersReachIt_advertisesThat() throws IOException {
    PeerEndpoint endpoint = endpoint("0.0.0.0:6881", "192.0.2.7");

    assertThat(endpoint.bind().getAddress().isAnyLocalAddress()).isTrue();
    assertThat(endpoint.advertised().getAddress()).isEqualTo(InetAddress.ofLiteral("192.0.2.7"));
  }

  @Test
  void of_anAddress_advertisesIt() throws IOException {
    assertThat(endpoint("192.0.2.7:6881", "192.0.2.8").advertised().getAddress())
        .isEqualTo(InetAddress.ofLiteral("192.0.2.7"));
  }

  private static PeerEndpoint endpoint(String address, String fallbackHost) throws IOException {
    return PeerEndpoint.of(
        ConfigFactory.parseString("address = \"" + address + "\""), "address", fallbackHost);
  }

  private static Config bound(String peerAddress, String credentialFile) throws IOException {
    return bind(config(peerAddress, credentialFile));
  }

  private static Config bind(Config config) throws IOException {
    return PeerEndpoint.of(config, "layercast.bootstrap.agent.peer-address", "")
        .bindRequests(config);
  }

  private static Config config(String peerAddress, String credentialFile) {
    return ConfigFactory.parseString(
            """
            layercast.bootstrap.agent {
              peer-address = "%s", credential-file = "%s"
            }
            """
                .formatted(peerAddress, credentialFile))
        .withFallback(ConfigFactory.defaultReference())
        .resolve();
  }
}
