package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProxyAddressesTest {
  private static final HostAndPort NAME = new HostAndPort("p2p-proxy", 5005);
  private static final HostAndPort ONE = new HostAndPort("10.0.0.1", 5005);
  private static final HostAndPort TWO = new HostAndPort("10.0.0.2", 5005);
  private static final HostAndPort THREE = new HostAndPort("10.0.0.3", 5005);

  /** What the name stands for; empty when it is unknown. */
  private volatile List<HostAndPort> proxies = List.of(ONE, TWO, THREE);

  private final ProxyAddresses addresses =
      new ProxyAddresses(List.of(NAME.toString()), this::lookUp, Duration.ofDays(1));

  private List<InetAddress> lookUp(String name) throws UnknownHostException {
    assertThat(name).isEqualTo(NAME.host());
    if (proxies.isEmpty()) {
      throw new UnknownHostException("nobody knows it");
    }
    return proxies.stream().map(proxy -> InetAddress.ofLiteral(proxy.host())).toList();
  }

  @Test
  void keys_areSpreadOverAllProxies() {
    awaitProxies(ONE, TWO, THREE);
    Map<HostAndPort, Integer> asked = new HashMap<>();
    keys().forEach(key -> asked.merge(addresses.order(key).getFirst(), 1, Integer::sum));

    assertThat(asked).containsOnlyKeys(ONE, TWO, THREE);
    assertThat(asked.values()).allSatisfy(count -> assertThat(count).isBetween(70, 130));
  }

  @Test
  void proxyThatIsGone_movesOnlyItsOwnKeys() {
    awaitProxies(ONE, TWO, THREE);
    List<HostAndPort> before = keys().map(key -> addresses.order(key).getFirst()).toList();
    proxies = List.of(ONE, THREE);
    failUntil(TWO, ONE, THREE);
    List<HostAndPort> after = keys().map(key -> addresses.order(key).getFirst()).toList();

    for (int i = 0; i < before.size(); i++) {
      if (!before.get(i).equals(TWO)) {
        assertThat(after.get(i)).isEqualTo(before.get(i));
      }
    }
  }

  @Test
  void proxyThatFailed_isAskedLastUntilItAnswers() {
    awaitProxies(ONE, TWO, THREE);
    HostAndPort first = addresses.order("key").getFirst();

    addresses.failed(first);
    assertThat(addresses.order("key").getLast()).isEqualTo(first);
    addresses.answered(first);
    assertThat(addresses.order("key").getFirst()).isEqualTo(first);
  }

  @Test
  void failure_looksTheNameUpAgain() {
    awaitProxies(ONE, TWO, THREE);
    HostAndPort successor = new HostAndPort("10.0.0.4", 5005);
    proxies = List.of(successor);

    failUntil(ONE, successor);

    assertThat(addresses.areAllDown()).isFalse();
  }

  @Test
  void nameThatNobodyKnows_isTriedAsItIs() {
    proxies = List.of();
    ProxyAddresses others =
        new ProxyAddresses(List.of(NAME.toString()), this::lookUp, Duration.ofDays(1));

    assertThat(others.order("key")).containsExactly(NAME);
  }

  /** The name servers' trouble is not the proxies'. */
  @Test
  void nameThatNobodyKnowsAnyMore_isTriedAfterWhatItStoodFor() {
    awaitProxies(ONE, TWO, THREE);
    proxies = List.of();

    failUntil(ONE, ONE, TWO, THREE, NAME);
    assertThat(keys().map(key -> addresses.order(key).getLast())).containsOnly(NAME);
    assertThat(addresses.order("key").get(2)).isEqualTo(ONE);

    proxies = List.of(TWO);
    failUntil(TWO, TWO);
  }

  private void awaitProxies(HostAndPort... expected) {
    await()
        .untilAsserted(
            () -> assertThat(addresses.order("key")).containsExactlyInAnyOrder(expected));
  }

  /** One failure may fall into a look-up that has nearly ended; the next one does not. */
  private void failUntil(HostAndPort proxy, HostAndPort... expected) {
    await()
        .untilAsserted(() -> {
          addresses.failed(proxy);
          assertThat(addresses.order("key")).containsExactlyInAnyOrder(expected);
        });
  }

  private static Stream<String> keys() {
    return IntStream.range(0, 300).mapToObj(i -> "key-" + i);
  }
}
