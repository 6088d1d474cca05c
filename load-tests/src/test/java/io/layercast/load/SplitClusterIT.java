package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Two clusters of one installation, as a partition that both sides outlive leaves them, become one:
 * the one that gives way does so in its own process and keeps its ports.
 */
@FaultSuite
final class SplitClusterIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @Test
  void clustersBesideEachOther_becomeOne(Workplace workplace) throws Exception {
    String lower = workplace.address();
    String higher = workplace.address();
    // Each begins alone: the lower one knows nobody, the higher one waits in vain for the lower.
    List<String> options =
        List.of("--contact-point", lower + ":8558", "--contact-point", higher + ":8558");
    Map<String, String> quick =
        Map.of(
            "LAYERCAST_BOOTSTRAP_CLUSTER_CONTACT_PATIENCE", "2s",
            "LAYERCAST_BOOTSTRAP_CLUSTER_SPLIT_CHECK", "1s");
    Member proxy = Member.Plan.of(workplace, "http://127.0.0.1:1", options, quick).proxy(higher);
    Wait.until("the proxy to be a cluster", LIMIT, () -> proxy.sees().equals(Set.of(higher)));

    Member tracker =
        Member.Plan.of(
                workplace, "http://127.0.0.1:1", List.of("--contact-point", lower + ":8558"), quick)
            .tracker(lower);
    Wait.until("both to be one cluster", LIMIT, () -> Member.seeEachOther(List.of(proxy, tracker)));
    Wait.until("the proxy to be ready again", LIMIT, proxy::isReady);

    assertThat(proxy.program().isRunning()).isTrue();
    assertThat(proxy.program().output()).contains("stands beside ours");
    assertThat(Http.get("http://" + higher + ":5005/layercast/probe").status()).isEqualTo(404);
  }
}
