package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An agent that is told names which no DNS knows, and the Kubernetes API, which lists the pods. */
@ExtendWith(OnFailureKeepLogs.class)
final class AgentDiscoveryIT {
  private static final String REPOSITORY = "library/by-the-api";
  private static final Duration FORMED = Duration.ofSeconds(90);

  @Test
  void agent_findsProxyAndTrackerAndTheProxysSuccessor(Workplace workplace) throws Exception {
    TestImage image =
        ImageMaker.make(workplace.folder("image"), 31, List.of(2_000_000L, 2_100_000L));
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    KubernetesApi api = KubernetesApi.start(workplace);
    api.take("of-this-test");
    api.hand("of-this-test");
    String trackerHost = workplace.address();
    String firstHost = workplace.address();
    String secondHost = workplace.address();
    String metrics = trackerHost + ":9404";
    api.run("p2p-tracker", trackerHost);
    api.run("p2p-proxy", firstHost);
    Member tracker =
        plan(workplace, registry, api, List.of("--metrics", metrics)).tracker(trackerHost);
    Member.Plan proxies =
        plan(workplace, registry, api, List.of("--tracker", "http://" + trackerHost + ":6969"));
    Member first = proxies.proxy(firstHost);
    Wait.until(
        "two pods to be one cluster", FORMED, () -> Member.seeEachOther(List.of(tracker, first)));
    String agent = startAgent(workplace, api);

    Wait.until("a layer by the first proxy", FORMED, () -> isPulled(agent, image.layer(0)));
    Wait.until(
        "the tracker to know proxy and agent",
        FORMED,
        () -> MetricsPage.of(metrics).value("layercast_tracker_peers") >= 2);

    api.failWith(List.of(403, 500, 500));
    first.program().kill();
    api.remove(firstHost);
    api.run("p2p-proxy", secondHost);
    Member second = proxies.proxy(secondHost);
    Wait.until("a layer by the second proxy", FORMED, () -> isPulled(agent, image.layer(1)));
    assertThat(second.program().isRunning()).isTrue();
    assertThat(api.answered(403)).isEqualTo(1);
  }

  private static Member.Plan plan(
      Workplace workplace, DockerRegistry registry, KubernetesApi api, List<String> options)
      throws IOException {
    return Member.Plan.of(workplace, registry.url(), options, api.environment());
  }

  /** Its URL. */
  private static String startAgent(Workplace workplace, KubernetesApi api) throws IOException {
    String host = workplace.address();
    List<String> command = new ArrayList<>(Stack.Plan.java("agent"));
    command.addAll(List.of("--listen", host + ":5004", "--peer-address", host + ":6881"));
    command.addAll(List.of("--data", workplace.folder("agent").toString()));
    command.addAll(List.of("--proxy", "p2p-proxy:5005", "--tracker", "http://p2p-tracker:6969"));
    Map<String, String> environment = new HashMap<>(api.environment());
    environment.remove("LAYERCAST_BOOTSTRAP_CLUSTER_DISCOVERY"); // it is no member
    environment.put("LAYERCAST_BOOTSTRAP_AGENT_DISCOVERY", "kubernetes-api");
    workplace.start("agent", command, environment);
    return "http://" + host + ":5004";
  }

  private static boolean isPulled(String agent, Blob layer) {
    return Puller.create().pull(agent, REPOSITORY, layer.digest())
            instanceof Puller.Complete complete
        && complete.digest().equals(layer.digest());
  }
}
