package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody who holds every port open with requests that never end, beside a pull. */
@ExtendWith(OnFailureKeepLogs.class)
final class SlowCallersIT {
  private static final String REPOSITORY = "library/beside";
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final int MOST = 30;

  /** Or reset, before it could be read. */
  private static final String REFUSED = "(?s)HTTP/1\\.1 (4|501).*|";

  private static TestImage image;
  private static DockerRegistry registry;
  private static Stack stack;
  private static String stranger;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    image = ImageMaker.make(workplace.folder("image"), 31, List.of(2_000_000L));
    registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    Path config = workplace.folder("bounds").resolve("bounds.conf");
    Files.writeString(
        config,
        """
        layercast.registry.server {
          request-timeout = %ds
          max-connections-per-address = %d
        }
        """
            .formatted(DEADLINE.toSeconds(), MOST));
    stranger = workplace.address();
    stack =
        Stack.before(workplace, registry.url())
            .proxy("--metrics", Workplace.freePort(workplace.address(), 9404))
            .agent()
            .all("--config", config.toString())
            .start();
  }

  /**
   * At the front, the proxies' API, the tracker, a member's management, its metrics: a pull ends
   * while all of them are held.
   */
  @Test
  void slowHeads_keepNobodyWaitingAndAreCut() throws IOException {
    Role proxy = stack.proxy(0);
    // All of a node's callers have its loopback, so the front has no bound for one address.
    try (SlowHeads front = SlowHeads.at(stack.agent(0).address(), stranger);
        SlowHeads api = SlowHeads.at(proxy.address(), stranger);
        SlowHeads tracker = SlowHeads.at(stack.tracker().address(), stranger);
        SlowHeads management = SlowHeads.at(proxy.told("--management"), stranger);
        SlowHeads metrics = SlowHeads.at(proxy.told("--metrics"), stranger)) {
      List<SlowHeads> all = List.of(front, api, tracker, management, metrics);
      for (SlowHeads slow : all) {
        int most = slow == front ? SlowHeads.COUNT : MOST;
        Wait.until("those beyond the bound to be turned away", DEADLINE, () -> slow.drip() <= most);
        assertThat(slow.drip()).isPositive();
      }
      Puller.create()
          .patientFor(DEADLINE)
          .mustPull(stack.agent(0).url(), REPOSITORY, image.layers().getFirst());

      Wait.until("the rest to be cut", DEADLINE.plusSeconds(10), () -> drip(all) == 0);
      assertThat(all)
          .extracting(SlowHeads::longest)
          .allMatch(stood -> stood.compareTo(DEADLINE.minusMillis(100)) >= 0);
    }
  }

  private static int drip(List<SlowHeads> all) throws IOException {
    int open = 0;
    for (SlowHeads slow : all) {
      open += slow.drip();
    }
    return open;
  }

  @Test
  void oversizedHeads_areRefused() throws IOException {
    for (Role role : List.of(stack.agent(0), stack.proxy(0), stack.tracker())) {
      for (String head : List.of("X: " + "a".repeat(70_000), "X: y\r\n".repeat(200) + "Z: z")) {
        String answer = SlowHeads.ask(role.address(), "GET /v2/ HTTP/1.1\r\nHost: x\r\n" + head);
        assertThat(answer).as(role.name()).matches(REFUSED);
      }
      String longest = "GET /" + "a".repeat(70_000) + " HTTP/1.1\r\nHost: x";
      assertThat(SlowHeads.ask(role.address(), longest)).as(role.name()).matches(REFUSED);
    }
  }

  /** RFC 9112, 6.3 and 5.1: what two readers may take for two things is taken for nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: 3, 4",
        "Content-Length: +3",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Transfer-Encoding: chunked, identity",
        "Host : x",
        "X: a\u0000b"
      })
  void smuggledHeads_areRefused(String header) throws IOException {
    for (Role role : List.of(stack.agent(0), stack.proxy(0))) {
      String head = "GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close";
      assertThat(SlowHeads.ask(role.address(), head)).startsWith("HTTP/1.1 200");
      assertThat(SlowHeads.ask(role.address(), head + "\r\n" + header))
          .as(role.name() + " on " + header)
          .matches(REFUSED);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/../../etc/passwd/manifests/latest",
        "/v2/%2e%2e/%2e%2e/etc/blobs/sha256:" + "0000",
        "/v2/a/..%2f..%2fetc%2fpasswd/tags/list",
        "/v2/a/manifests/..%2f..%2fVERSION",
        "/v2/a/blobs/..%2f..%2fVERSION",
        "/layercast/v1/blobs/..%2f..%2fVERSION/metainfo",
        "/layercast/token/..%2f..%2fVERSION"
      })
  void pathsOutOfTheStore_areNoPaths(String path) throws IOException {
    for (Role role : List.of(stack.agent(0), stack.proxy(0), stack.tracker())) {
      String answer =
          SlowHeads.ask(
              role.address(), "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close");
      assertThat(answer).as(role.name()).matches("(?s)HTTP/1.1 (400|404) .*");
      assertThat(answer).doesNotContain("root:");
    }
  }
}
