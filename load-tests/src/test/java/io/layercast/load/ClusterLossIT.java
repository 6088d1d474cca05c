package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A cluster of two trackers and three proxies loses a proxy by SIGTERM and then its lowest address
 * three times by {@code kill -9}: that of 2 + 2, of 1 + 2 and of 1 + 1. Those who are left go on as
 * they are, and layers and tracker have another owner in time.
 */
@FaultSuite
@Tag("alone")
@Tag("long")
final class ClusterLossIT {
  private static final Duration START = Duration.ofSeconds(90);

  /** What is promised (docs/adr/0016). */
  private static final Duration AFTER_KILL = Duration.ofSeconds(20);

  private static final Duration AFTER_STOP = Duration.ofSeconds(5);

  /** A pull at this rate goes on until the tracker has another owner. */
  private static final long PULL_BYTES = 16_000_000;

  private static final String PULL_RATE = "1MB/s";
  private static final Duration PULLED = Duration.ofSeconds(60);

  private static final String REPOSITORY = "library/many";

  private final List<Member> members = new ArrayList<>();

  @Test
  void whoIsLeft_goesOnWithoutTheLowestAddress(Workplace workplace, Fault fault) throws Exception {
    // Too big to be answered in line, so each is a layer actor's.
    TestImage image =
        ImageMaker.make(
            workplace.folder("image"),
            5,
            Stream.concat(
                    Stream.iterate(300_000L, size -> size + 1).limit(6), Stream.of(PULL_BYTES))
                .toList());
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    startMembers(workplace, registry.url());
    Role agent = startAgent(workplace);
    for (Blob layer : image.layers()) {
      assertThat(isServed(members.get(1), layer)).isTrue();
    }
    management_onlyTells(members.get(1), agent);

    Member stopped = members.removeLast();
    long start = System.nanoTime();
    stopped.program().askToStop();
    within(AFTER_STOP, start, "SIGTERM of a proxy", () -> allServed(image));

    // The lowest is the tracker that leads.
    RunningPull pull =
        RunningPull.start(agent, REPOSITORY, image.layer(6)).awaitBytes(PULL_BYTES / 16);
    loseLowest("2 + 2", pull::disturbedNow, () -> tracks(members.get(1)));
    pull.mustBeRight(PULLED);
    Duration stall = pull.longestPauseSinceFault();
    fault.stalled(stall).remark("stall of a pull when the leading tracker is killed");
    Promised.within(KillIT.WITHOUT_TRACKER, "stall of a running pull", stall);

    loseLowest("1 + 2", () -> {}, () -> allServed(image) && tracks(members.getFirst()));
    loseLowest("1 + 1", () -> {}, () -> allServed(image));
    assertThat(members.getFirst().isReady()).isTrue();
  }

  private void startMembers(Workplace workplace, String originUrl) throws IOException {
    List<String> hosts = Stream.generate(workplace::address).limit(5).toList();
    List<String> contacts =
        hosts.stream().flatMap(host -> Stream.of("--contact-point", host + ":8558")).toList();
    Member.Plan plan = Member.Plan.of(workplace, originUrl, contacts, Map.of());
    members.add(plan.tracker(hosts.get(0)));
    members.add(plan.proxy(hosts.get(1)));
    members.add(plan.tracker(hosts.get(2)));
    members.add(plan.proxy(hosts.get(3)));
    members.add(plan.proxy(hosts.get(4)));
    Wait.until("five members to be one cluster", START, () -> Member.seeEachOther(members));
    for (Member member : members) {
      Wait.until(member.host() + " to be ready", START, member::isReady);
    }
  }

  private Role startAgent(Workplace workplace) throws IOException {
    String host = workplace.address();
    List<String> command = Stack.Plan.java("agent");
    command.addAll(List.of("--listen", host + ":5004", "--peer-address", host + ":6881"));
    command.addAll(List.of("--data", workplace.folder("agent").toString()));
    command.addAll(List.of("--proxy", members.get(1).host() + ":5005"));
    for (Member tracker : List.of(members.get(0), members.get(2))) {
      command.addAll(List.of("--tracker", tracker.host() + ":6969"));
    }
    command.addAll(List.of("--download-rate", PULL_RATE, "--management", host + ":8558"));
    Role agent =
        new Role(
            workplace,
            "agent",
            host + ":5004",
            host + ":6881",
            "/v2/",
            workplace.folder("agent"),
            command);
    agent.start();
    agent.awaitReady();
    return agent;
  }

  private static void management_onlyTells(Member member, Role agent) throws IOException {
    String cluster = member.managementUrl() + "/cluster/members";
    String self = cluster + "/akka://layercast@" + member.host() + ":2551";
    assertThat(Http.send("PUT", self).status()).isIn(404, 405);
    assertThat(Http.send("DELETE", self).status()).isIn(404, 405);
    assertThat(Http.send("POST", cluster).status()).isIn(404, 405);
    assertThat(Http.send("PUT", member.managementUrl() + "/cluster").status()).isIn(404, 405);
    assertThat(Http.get(member.managementUrl() + "/alive").status()).isEqualTo(200);

    Wait.until("the agent to be ready", START, () -> status(agent, "/ready") == 200);
    assertThat(status(agent, "/cluster/members")).isEqualTo(404);
    assertThat(status(agent, "/bootstrap/seed-nodes")).isEqualTo(404);
  }

  private static int status(Role agent, String path) throws IOException {
    return Http.get("http://" + agent.told("--management") + path).status();
  }

  private void loseLowest(String of, Runnable killed, Callable<Boolean> isWhole) {
    long start = System.nanoTime();
    members.removeFirst().program().kill();
    killed.run();
    within(
        AFTER_KILL,
        start,
        "kill of the lowest of " + of,
        () -> Member.seeEachOther(members) && isWhole.call());
    members.forEach(member -> assertThat(member.program().isRunning()).isTrue());
  }

  private static void within(Duration limit, long start, String what, Callable<Boolean> holds) {
    Wait.until("the others to go on after " + what, limit, holds);
    System.out.printf("whole again after %s: %.1f s%n", what, (System.nanoTime() - start) / 1e9);
  }

  /** Whether every proxy that is left serves every layer, or names one that is left. */
  private boolean allServed(TestImage image) throws IOException {
    for (Member member : members) {
      for (Blob layer : image.layers()) {
        if (member.isProxy() && !isServed(member, layer)) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean isServed(Member proxy, Blob layer) throws IOException {
    var answer =
        Http.open(
            "http://%s:5005/layercast/v1/blobs/%s/metainfo?repository=%s"
                .formatted(proxy.host(), layer.digest(), REPOSITORY));
    answer.body().close();
    String location = answer.headers().firstValue("Location").orElse("");
    return answer.statusCode() == 200
        || (answer.statusCode() == 307
            && members.stream()
                .anyMatch(member -> member.host().equals(URI.create(location).getHost())));
  }

  /** Whether the tracker's state has an owner: it knows that it does not know an alias. */
  private static boolean tracks(Member tracker) throws IOException {
    return Http.get("http://" + tracker.host() + ":6969/layercast/v1/alias/" + "0".repeat(40))
            .status()
        == 404;
  }
}
