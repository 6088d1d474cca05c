package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The token that an ingest asks the origin with expires before the layer is here. */
@FaultSuite
@Tag("long")
final class TokenExpiryIT {
  private static final String REPOSITORY = "team/a";
  private static final long MB = 1_000_000;
  private static final long ORIGIN_RATE = 3 * MB;

  /** Ranges of 36 MiB are asked for at first; the next ones come after 12 s, when it is over. */
  private static final Duration VALID = Duration.ofSeconds(8);

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** What a refused range and the requests around it may cost. */
  private static final long REFETCHED_MAX = 9 * MB;

  private static TokenService tokens;
  private static TestImage image;
  private static DockerRegistry registry;
  private static Relay originWay;
  private static Stack stack;

  @BeforeAll
  static void start(Workplace workplace) throws Exception {
    tokens =
        TokenService.start(
            workplace,
            Map.of(
                "ada", new TokenService.User("lovelace", Set.of(REPOSITORY)),
                "eve", new TokenService.User("moneypenny", Set.of(REPOSITORY))));
    image = ImageMaker.make(workplace.folder("image"), 26, List.of(72 * MB, 73 * MB));
    registry = DockerRegistry.withTokens(workplace, "origin", tokens);
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY, "ada", "lovelace");
    originWay = Relay.start(workplace, registry.address());
    stack =
        Stack.before(workplace, "http://" + originWay.address()).proxy().agent().agent().start();
  }

  @AfterEach
  void unshape() {
    originWay.shape(0, Duration.ZERO);
  }

  @Test
  void tokenExpiredMidBlob_aWaitingCallersTokenGoesOn(Fault fault) throws Exception {
    Blob layer = image.layer(0);
    long before = originWay.bytesFromTarget();
    originWay.shape(ORIGIN_RATE, Duration.ZERO);
    RunningPull first =
        RunningPull.start(stack.agent(0), REPOSITORY, layer, expiring("ada")).awaitBytes(MB);
    RunningPull fresh = RunningPull.start(stack.agent(1), REPOSITORY, layer, lasting("eve"));

    fresh.mustBeRight(PATIENCE);
    first.mustBeRight(PATIENCE);

    assertThat(refusals(layer)).as("ranges the origin refused").isPositive();
    long again = originWay.bytesFromTarget() - before - layer.sizeBytes();
    fault
        .stalled(FaultsIT.longest(List.of(first, fresh)))
        .refetched(again)
        .remark(refusals(layer) + " ranges refused");
    assertThat(again).isLessThan(REFETCHED_MAX);
  }

  @Test
  void tokenExpiredMidBlobAndNobodyHasAnother_isRefusedUntilSomebodyHas(Fault fault)
      throws Exception {
    Blob layer = image.layer(1);
    long before = originWay.bytesFromTarget();
    originWay.shape(ORIGIN_RATE, Duration.ZERO);
    String expiring = expiring("ada");
    RunningPull pull = RunningPull.start(stack.agent(0), REPOSITORY, layer, expiring);

    assertThat(pull.outcome(PATIENCE)).isInstanceOf(Puller.Broken.class);
    assertThat(refusals(layer)).as("ranges the origin refused").isPositive();
    assertThat(Puller.create().as(expiring).pull(stack.agent(1).url(), REPOSITORY, layer.digest()))
        .as("the same caller again")
        .isInstanceOfSatisfying(
            Puller.Refused.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(401);
              assertThat(refused.body()).contains("\"errors\"");
            });

    RunningPull retry = RunningPull.start(stack.agent(0), REPOSITORY, layer, lasting("ada"));
    retry.mustBeRight(PATIENCE);
    long again = originWay.bytesFromTarget() - before - layer.sizeBytes();
    fault.stalled(retry.longestPause()).refetched(again);
    assertThat(again).isLessThan(REFETCHED_MAX);
  }

  private static String expiring(String user) {
    return "Bearer " + tokens.tokenFor(user, REPOSITORY, VALID);
  }

  private static String lasting(String user) {
    return "Bearer " + tokens.tokenFor(user, REPOSITORY);
  }

  private static long refusals(Blob layer) {
    return registry
        .accessLog()
        .lines()
        .filter(line -> line.contains("GET /v2/" + REPOSITORY + "/blobs/" + layer.digest()))
        .filter(line -> line.contains("\" 401 "))
        .count();
  }
}
