package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three proxies and two trackers, real processes, find each other by the Kubernetes API. */
@FaultSuite
@Tag("long")
final class KubernetesClusterIT {
  private static final Duration FORMED = Duration.ofSeconds(90);

  @Test
  void pods_findEachOtherWhateverTheApiGoesThrough(Workplace workplace) throws Exception {
    KubernetesApi api = KubernetesApi.start(workplace);
    api.take("first");
    api.hand("first");
    api.failWith(List.of(403, 500, 403, 500, 403, 500, 500, 500));
    Member.Plan plan =
        Member.Plan.of(workplace, "http://127.0.0.1:1", List.of(), api.environment());

    List<Member> members = new ArrayList<>();
    for (String role : List.of("tracker", "proxy", "proxy", "proxy")) {
      String host = workplace.address();
      api.run("p2p-" + role, host);
      members.add(role.equals("proxy") ? plan.proxy(host) : plan.tracker(host));
    }
    Wait.until("four pods to be one cluster", FORMED, () -> Member.seeEachOther(members));
    assertThat(api.answered(403)).isEqualTo(3);
    assertThat(api.answered(500)).isEqualTo(5);

    // One comes late, with a token that has just been replaced: it goes on with the new one.
    api.take("second");
    String lateHost = workplace.address();
    api.run("p2p-tracker", lateHost);
    Member late = plan.tracker(lateHost);
    int before = api.answered(401);
    Wait.until("the late pod to be refused", FORMED, () -> api.answered(401) > before);
    api.hand("second");
    members.add(late);
    // Meanwhile a pod dies with its node and another one takes its place, at another address.
    Member dead = members.remove(1);
    dead.program().kill();
    api.remove(dead.host());
    String newHost = workplace.address();
    api.run("p2p-proxy", newHost);
    members.add(plan.proxy(newHost));
    Wait.until("five pods to be one cluster", FORMED, () -> Member.seeEachOther(members));

    for (Member member : members) {
      Wait.until(member.host() + " to be ready", FORMED, member::isReady);
      assertThat(member.program().isRunning()).isTrue();
    }
  }
}
