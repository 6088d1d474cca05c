package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The nodes' clocks are set while they run, by hours, each in another direction. */
@FaultSuite
@Tag("long")
final class ClockJumpIT {
  private static final String REPOSITORY = "library/clocks";
  private static final String ADA = Http.basic("ada", "lovelace");
  private static final int LAYER_BYTES = 32_000_000;
  private static final int SMALL_BYTES = 6_000_000;
  private static final long ORIGIN_RATE = 4_000_000;
  private static final Duration HOURS = Duration.ofHours(3);
  private static final Duration GRANT = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static BadOrigin origin;
  private static Relay originWay;
  private static Stack stack;
  private static FakeClock tracker;
  private static FakeClock proxy;
  private static FakeClock agent;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    origin = BadOrigin.start(workplace);
    originWay = Relay.start(workplace, origin.address());
    Path config = workplace.folder("config").resolve("short.conf");
    Files.writeString(
        config, "layercast.registry.authorisation.grant-ttl = " + GRANT.toSeconds() + "s");
    Stack.Plan plan =
        Stack.before(workplace, "http://" + originWay.address())
            .proxy("--config", config.toString())
            .agent()
            .agent();
    tracker = plan.clockOf("tracker");
    proxy = plan.clockOf("proxy-1");
    agent = plan.clockOf("agent-1");
    stack = plan.start();
  }

  @AfterEach
  void setRight() throws IOException {
    set(Duration.ZERO, Duration.ZERO, Duration.ZERO);
    originWay.shape(0, Duration.ZERO);
  }

  private static void set(Duration trackers, Duration proxys, Duration agents) throws IOException {
    tracker.set(trackers);
    proxy.set(proxys);
    agent.set(agents);
  }

  @Test
  void clocksJumpByHoursWithinAPull_itGoesOn(Fault fault) throws Exception {
    Blob layer = serve(1, LAYER_BYTES);
    originWay.shape(ORIGIN_RATE, Duration.ZERO);
    long before = originWay.bytesFromTarget();
    RunningPull first = RunningPull.start(stack.agent(0), REPOSITORY, layer);
    RunningPull second = RunningPull.start(stack.agent(1), REPOSITORY, layer);
    first.awaitBytes(LAYER_BYTES / 4);
    set(HOURS, HOURS.negated(), HOURS);
    seesClock(stack.agent(0), HOURS);
    seesClock(stack.proxy(0), HOURS.negated());
    first.awaitBytes(LAYER_BYTES / 2);
    set(HOURS.negated(), HOURS, HOURS.negated());
    seesClock(stack.agent(0), HOURS.negated());
    seesClock(stack.proxy(0), HOURS);
    first.mustBeRight(PATIENCE);
    second.mustBeRight(PATIENCE);
    long again = originWay.bytesFromTarget() - before - LAYER_BYTES;
    fault.stalled(FaultsIT.longest(List.of(first, second))).refetched(again);
    assertThat(again).isLessThan(100_000); // the heads of its answers

    Blob next = serve(2, SMALL_BYTES);
    RunningPull.start(stack.agent(1), REPOSITORY, next).mustBeRight(PATIENCE);
    RunningPull.start(stack.agent(0), REPOSITORY, next).mustBeRight(PATIENCE);
  }

  @Test
  void clockOfTheProxyPutBack_grantLivesNoLonger(Fault fault) throws Exception {
    Blob layer = serve(3, SMALL_BYTES);
    AtomicBoolean revoked = new AtomicBoolean();
    byte[] bytes = bytes(3, SMALL_BYTES);
    origin.on(
        layer.digest(),
        (request, out, _) -> {
          if (revoked.get() || !ADA.equals(request.headers().get("authorization"))) {
            String realm = "WWW-Authenticate: Basic realm=\"x\"";
            BadOrigin.head(out, "401 Unauthorized", realm, "Content-Length: 0");
          } else {
            BadOrigin.serve(bytes, request, out);
          }
        });
    assertThat(asAda(layer)).isInstanceOf(Puller.Complete.class);
    revoked.set(true);
    set(Duration.ZERO, HOURS.negated(), Duration.ZERO);
    seesClock(stack.proxy(0), HOURS.negated());

    Wait.until(
        "the grant to end",
        PATIENCE,
        () -> asAda(layer) instanceof Puller.Refused refused && refused.status() == 401);
    fault.remark("a grant of " + GRANT.toSeconds() + " s, the clock put back by three hours");
  }

  private static Puller.Outcome asAda(Blob layer) {
    return Puller.create().as(ADA).pull(stack.agent(0).url(), "library/of-ada", layer.digest());
  }

  /** By the Date of its answers. */
  private static void seesClock(Role role, Duration offset) {
    Wait.until(
        role.name() + " to see its clock jump by " + offset,
        Duration.ofSeconds(20),
        () -> {
          String date = Http.get(role.url() + "/v2/").header("Date").orElseThrow();
          Instant seen =
              ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
          return Duration.between(Instant.now().plus(offset), seen).abs().toSeconds() < 60;
        });
  }

  private static Blob serve(int seed, int size) {
    byte[] bytes = bytes(seed, size);
    Blob layer = new Blob(Sha256.of(bytes), size);
    origin.on(layer.digest(), (request, out, _) -> BadOrigin.serve(bytes, request, out));
    return layer;
  }

  private static byte[] bytes(int seed, int size) {
    byte[] bytes = new byte[size];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }
}
