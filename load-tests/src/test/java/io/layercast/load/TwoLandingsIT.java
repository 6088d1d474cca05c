package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The previous landing's build and this one beside each other, as they are while an upgrade rolls
 * out. It begins with the old tracker, two old proxies, an old agent and a new one.
 */
@FaultSuite
@Tag("long")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class TwoLandingsIT {
  private static final String REPOSITORY = "library/landings";
  private static final long MB = 1_000_000;
  private static final Duration FORMED = Duration.ofSeconds(90);

  /** So little that a layer comes from the other agent rather than from a proxy. */
  private static final String[] SLOW_SEED = {"--upload-rate", "2MB/s"};

  private static Path before;
  private static Path now;
  private static TestImage image;
  private static Stack stack;
  private static Role oldAgent;
  private static Role newAgent;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    now = Stack.Plan.home();
    before = PreviousLanding.home(workplace);
    image =
        ImageMaker.make(
            workplace.folder("image"),
            31,
            List.of(24 * MB, 25 * MB, 8 * MB, 9 * MB, 10 * MB, 11 * MB));
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    stack =
        Stack.before(workplace, registry.url())
            .proxy(SLOW_SEED)
            .proxy(SLOW_SEED)
            .agent()
            .agent()
            .build(before)
            .start();
    oldAgent = stack.agent(0);
    newAgent = stack.agent(1);
    newAgent.stop();
    newAgent.swap(before, now);
    newAgent.start();
    newAgent.awaitReady();
  }

  @Test
  @Order(1)
  void agents_pullFromEachOtherInBothDirections() throws Exception {
    pullsFrom(newAgent, oldAgent, image.layer(0));
    pullsFrom(oldAgent, newAgent, image.layer(1));
  }

  private static void pullsFrom(Role reader, Role holder, Blob layer) throws IOException {
    pull(holder, layer);
    long held = reader.traffic().fromAgents();
    pull(reader, layer);
    assertThat(reader.traffic().fromAgents() - held)
        .as("bytes %s got from %s", reader.name(), holder.name())
        .isGreaterThan(layer.sizeBytes() / 4);
  }

  @Test
  @Order(2)
  void stores_areReadByTheOther() throws Exception {
    becomes(oldAgent, before, now);
    pull(oldAgent, image.layer(0));
    assertThat(oldAgent.traffic().received()).as("an old store, read by the new").isZero();
    pull(oldAgent, image.layer(2));

    becomes(oldAgent, now, before); // as after an upgrade that is taken back
    pull(oldAgent, image.layer(2));
    assertThat(oldAgent.traffic().received()).as("a new store, read by the old").isZero();
  }

  @Test
  @Order(3)
  void members_areReplacedOneAtATimeInOneCluster() throws Exception {
    int next = 3;
    for (Role member : List.of(stack.tracker(), stack.proxy(0), stack.proxy(1))) {
      becomes(member, before, now);
      Wait.until("all to be one cluster", FORMED, TwoLandingsIT::areOneCluster);
      Blob layer = image.layer(next++);
      pull(oldAgent, layer);
      pull(newAgent, layer);
    }
  }

  private static boolean areOneCluster() throws IOException {
    List<String> managements =
        Stream.concat(Stream.of(stack.tracker()), stack.proxies().stream())
            .map(member -> member.told("--management"))
            .toList();
    Set<String> hosts =
        managements.stream()
            .map(address -> address.replaceAll(":.*", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    for (String management : managements) {
      if (!Member.seenAt("http://" + management).equals(hosts)) {
        return false;
      }
    }
    return true;
  }

  private static void becomes(Role role, Path from, Path to) throws IOException {
    role.stop();
    role.swap(from, to);
    role.start();
    role.awaitReady();
  }

  private static void pull(Role agent, Blob layer) throws IOException {
    Puller.create().mustPull(agent.url(), REPOSITORY, layer);
  }
}
