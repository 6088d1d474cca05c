package io.layercast.bootstrap.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What our settings come to in Akka's own keys; the fixed ones are in akka.conf. */
final class AkkaMember {
  /** The service that discovery is asked for. */
  static final String SERVICE = "layercast";

  private static final String BOOTSTRAP = "akka.management.cluster.bootstrap.";
  private static final String CONTACTS = BOOTSTRAP + "contact-point-discovery.";
  private static final String KUBERNETES = "akka.discovery.kubernetes-api.";

  /** A streaming request that is cut off at the end of its grace needs a moment to go. */
  private static final Duration AFTER_GRACE = Duration.ofSeconds(1);

  private AkkaMember() {}

  /** For a system outside the cluster. */
  static Config alone(BootstrapSettings settings) {
    Map<String, Object> keys = new HashMap<>(management(settings));
    keys.putAll(graces(settings.agent().stopGrace()));
    // Agents have no cluster to show or to bootstrap.
    keys.put("akka.management.http.routes.cluster-management", "");
    keys.put("akka.management.http.routes.cluster-bootstrap", "");
    keys.putAll(kubernetes(settings.kubernetes(), PodNames.SELECTOR));
    return ConfigFactory.parseMap(keys);
  }

  /** For a member with {@code roles}. */
  static Config member(BootstrapSettings settings, List<String> roles) {
    BootstrapSettings.Cluster cluster = settings.cluster();
    Map<String, Object> keys = new HashMap<>(management(settings));
    keys.putAll(graces(settings.proxy().stopGrace()));
    keys.put("akka.actor.provider", "cluster");
    keys.put("akka.cluster.roles", roles);
    keys.put("akka.remote.artery.canonical.hostname", cluster.address().host());
    keys.put("akka.remote.artery.canonical.port", cluster.address().port());
    if (cluster.tlsFolder().isPresent()) {
      keys.put("akka.remote.artery.transport", "tls-tcp");
      keys.put("akka.remote.artery.ssl.ssl-engine-provider", MemberTls.class.getName());
    }
    keys.put(CONTACTS + "effective-name", SERVICE);
    keys.put(CONTACTS + "stable-margin", cluster.stableMargin());
    keys.put(BOOTSTRAP + "contact-point.probe-interval", cluster.probeInterval());
    keys.put(CONTACTS + "interval", cluster.probeInterval());
    switch (cluster.discovery()) {
      case CONFIG -> {
        keys.put(CONTACTS + "discovery-method", "config");
        keys.put("akka.discovery.config.services." + SERVICE + ".endpoints", endpoints(cluster));
      }
      case KUBERNETES_API -> {
        keys.put(CONTACTS + "discovery-method", KubernetesPods.METHOD);
        keys.putAll(kubernetes(settings.kubernetes(), settings.kubernetes().podSelector()));
      }
    }
    return ConfigFactory.parseMap(keys);
  }

  private static List<Map<String, Object>> endpoints(BootstrapSettings.Cluster cluster) {
    List<Map<String, Object>> endpoints = new ArrayList<>();
    cluster
        .contactPoints()
        .forEach(point -> endpoints.add(Map.of("host", point.host(), "port", point.port())));
    return endpoints;
  }

  private static Map<String, Object> kubernetes(
      BootstrapSettings.Kubernetes kubernetes, String selector) {
    Path account = kubernetes.account();
    return Map.of(
        KUBERNETES + "pod-label-selector", selector,
        KUBERNETES + "container-name", kubernetes.container(),
        KUBERNETES + "api-ca-path", account.resolve("ca.crt").toString(),
        KUBERNETES + "api-token-path", account.resolve("token").toString(),
        KUBERNETES + "pod-namespace-path", account.resolve("namespace").toString());
  }

  private static Map<String, Object> management(BootstrapSettings settings) {
    return settings
        .management()
        .<Map<String, Object>>map(address ->
            Map.of(
                "akka.management.http.hostname", address.host(),
                "akka.management.http.port", address.port()))
        .orElse(Map.of());
  }

  /** The two phases in which running requests may go on; see {@link Drain}. */
  private static Map<String, Object> graces(Duration grace) {
    String phases = "akka.coordinated-shutdown.phases.";
    Duration timeout = grace.plus(AFTER_GRACE);
    return Map.of(
        phases + "service-requests-done.timeout", timeout,
        phases + Drain.PHASE + ".timeout", timeout);
  }
}
