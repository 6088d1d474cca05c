package io.layercast.bootstrap.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.discovery.Lookup;
import akka.discovery.ServiceDiscovery;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import scala.concurrent.Future;
import scala.concurrent.duration.FiniteDuration;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;

class PodNamesTest {
  private static final Duration KEEP = Duration.ofSeconds(5);

  private final Api api = new Api();
  private long nanos = -1; // System.nanoTime may be anything
  private final PodNames names = new PodNames(api, KEEP, () -> nanos);

  @Test
  void name_standsForItsPods() throws Exception {
    api.pods = List.of("10.0.0.1", "fd00::2");

    assertThat(names.addressesOf("p2p-proxy"))
        .containsExactly(InetAddress.ofLiteral("10.0.0.1"), InetAddress.ofLiteral("fd00::2"));
    assertThat(api.asked).containsExactly("p2p-proxy");
  }

  @Test
  void address_standsForItself() throws Exception {
    assertThat(names.addressesOf("10.0.0.9")).containsExactly(InetAddress.ofLiteral("10.0.0.9"));
    assertThat(names.addressesOf("fd00::9")).containsExactly(InetAddress.ofLiteral("fd00::9"));
    assertThat(api.asked).isEmpty();
  }

  @Test
  void answer_isKeptForAWhileByName() throws Exception {
    api.pods = List.of("10.0.0.1");
    names.addressesOf("p2p-proxy");
    nanos += KEEP.toNanos() - 1;
    api.pods = List.of("10.0.0.2");

    assertThat(names.addressesOf("p2p-proxy")).containsExactly(InetAddress.ofLiteral("10.0.0.1"));
    assertThat(names.addressesOf("p2p-tracker")).containsExactly(InetAddress.ofLiteral("10.0.0.2"));
    nanos++;
    assertThat(names.addressesOf("p2p-proxy")).containsExactly(InetAddress.ofLiteral("10.0.0.2"));
    assertThat(api.asked).containsExactly("p2p-proxy", "p2p-tracker", "p2p-proxy");
  }

  @Test
  void lastAnswer_standsWhileTheApiCannotBeAsked() throws Exception {
    api.pods = List.of("10.0.0.1");
    names.addressesOf("p2p-proxy");
    nanos += KEEP.toNanos();
    api.failure = Optional.of(new IllegalStateException("403"));

    assertThat(names.addressesOf("p2p-proxy")).containsExactly(InetAddress.ofLiteral("10.0.0.1"));
    assertThat(names.addressesOf("p2p-proxy")).isNotEmpty();
    assertThat(api.asked).as("failures are kept too").hasSize(2);
  }

  @Test
  void withoutAnyAnswer_theNameIsUnknown() {
    api.failure = Optional.of(new IllegalStateException("403"));

    assertThatThrownBy(() -> names.addressesOf("p2p-proxy"))
        .isInstanceOf(UnknownHostException.class)
        .hasMessageContaining("403");
  }

  @Test
  void withoutAPod_theNameIsUnknown() {
    assertThatThrownBy(() -> names.addressesOf("p2p-proxy"))
        .isInstanceOf(UnknownHostException.class)
        .hasMessageContaining("app.kubernetes.io/name=p2p-proxy");
  }

  /** Akka's discovery as Kubernetes' API would have it answer. */
  private static final class Api extends ServiceDiscovery {
    final List<String> asked = new ArrayList<>();
    List<String> pods = List.of();
    Optional<Exception> failure = Optional.empty();

    @Override
    public Future<Resolved> lookup(Lookup lookup, FiniteDuration limit) {
      asked.add(lookup.serviceName());
      List<ResolvedTarget> targets =
          pods.stream()
              .map(host ->
                  new ResolvedTarget(
                      host, scala.Option.empty(), scala.Option.apply(InetAddress.ofLiteral(host))))
              .toList();
      CompletableFuture<Resolved> answer =
          failure
              .<CompletableFuture<Resolved>>map(CompletableFuture::failedFuture)
              .orElseGet(() ->
                  CompletableFuture.completedFuture(
                      new Resolved(
                          lookup.serviceName(), CollectionConverters.asScala(targets).toList())));
      return FutureConverters.asScala(answer);
    }
  }
}
