package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.http.javadsl.model.HttpMethods;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.layercast.engine.Credential;
import io.layercast.engine.Digest;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.OriginBlobs;
import io.layercast.engine.RepositoryName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every trouble an origin can make, as the ingest sees it. */
class OriginClientTest {
  private static ActorTestKit kit;

  private final FakeRegistry origin = new FakeRegistry();
  private final byte[] blob = new byte[300_000];
  private final OriginAccess access =
      new OriginAccess(new RepositoryName("team/app"), Credential.of("Bearer do-not-print-me"));
  private final Digest digest;
  private final OriginClient client;

  OriginClientTest() {
    new Random(2).nextBytes(blob);
    digest = origin.putBlob("team/app", blob);
    Config config =
        ConfigFactory.parseString(
                "url = \"%s\", stall-timeout = 400ms, connect-timeout = 1s".formatted(origin.url()))
            .withFallback(ConfigFactory.load().getConfig("layercast.registry.origin"));
    client = OriginClient.create(kit.system(), OriginSettings.from(config));
  }

  @BeforeAll
  static void start() {
    kit = ActorTestKit.create("origin");
  }

  @AfterAll
  static void stop() {
    kit.shutdownTestKit();
  }

  @AfterEach
  void close() {
    origin.close();
  }

  private OriginBlobs.Reply fetch(long from, long to) {
    OptionalLong end = to < 0 ? OptionalLong.empty() : OptionalLong.of(to);
    return client.fetch(access, digest, from, end).toCompletableFuture().join();
  }

  private static byte[] drain(OriginBlobs.Bytes bytes) {
    return bytes
        .body()
        .runWith(Sink.fold(ByteString.emptyByteString(), ByteString::concat), kit.system())
        .toCompletableFuture()
        .join()
        .toArray();
  }

  @Test
  void fetch_whole_asksWithoutRange() {
    OriginBlobs.Bytes bytes = (OriginBlobs.Bytes) fetch(0, -1);

    assertThat(drain(bytes)).isEqualTo(blob);
    assertThat(bytes.sizeBytes()).hasValue(300_000);
    assertThat(origin.seen())
        .singleElement()
        .satisfies(seen -> {
          assertThat(seen.range()).isEmpty();
          assertThat(seen.authorization()).isEqualTo("Bearer do-not-print-me");
        });
  }

  @Test
  void fetch_part_asksForItAndChecksWhatComes() {
    OriginBlobs.Bytes bytes = (OriginBlobs.Bytes) fetch(1000, 2000);

    assertThat(bytes.from()).isEqualTo(1000);
    assertThat(bytes.sizeBytes()).hasValue(300_000);
    assertThat(drain(bytes)).hasSize(1000).startsWith(blob[1000]);
    assertThat(origin.seen().getFirst().range()).isEqualTo("bytes=1000-1999");
  }

  @Test
  void fetch_beyondTheEnd_isRefused() {
    assertThat(fetch(300_000, -1))
        .isInstanceOfSatisfying(
            OriginBlobs.Refused.class, r -> assertThat(r.refusal().status()).isEqualTo(416));
  }

  @Test
  void rangeIgnored_isSaid() {
    origin.trouble = FakeRegistry.Trouble.IGNORE_RANGE;
    OriginBlobs.Bytes bytes = (OriginBlobs.Bytes) fetch(1000, 2000);

    assertThat(bytes.from()).isZero();
    assertThat(drain(bytes)).isEqualTo(blob);
  }

  @Test
  void wrongRange_isBroken() {
    origin.trouble = FakeRegistry.Trouble.WRONG_RANGE;

    assertThat(fetch(1000, 2000)).isInstanceOf(OriginBlobs.Broken.class);
  }

  @Test
  void noLength_isBytesOfUnknownSize() {
    origin.trouble = FakeRegistry.Trouble.NO_LENGTH;
    OriginBlobs.Bytes bytes = (OriginBlobs.Bytes) fetch(0, -1);

    assertThat(bytes.sizeBytes()).isEmpty();
    assertThat(drain(bytes)).isEqualTo(blob);
  }

  @Test
  void truncated_failsTheStream() {
    origin.trouble = FakeRegistry.Trouble.TRUNCATE;
    OriginBlobs.Bytes bytes = (OriginBlobs.Bytes) fetch(0, -1);

    assertThatThrownBy(() -> drain(bytes)).isInstanceOf(CompletionException.class);
  }

  @Test
  void stalled_failsTheStream() {
    origin.trouble = FakeRegistry.Trouble.STALL;
    OriginBlobs.Bytes bytes = (OriginBlobs.Bytes) fetch(0, -1);

    assertThatThrownBy(() -> drain(bytes)).hasMessageContaining("the origin sent nothing for");
  }

  @Test
  void busy_namesTheWait() {
    origin.trouble = FakeRegistry.Trouble.BUSY;

    assertThat(fetch(0, -1))
        .isInstanceOfSatisfying(
            OriginBlobs.Busy.class,
            busy -> {
              assertThat(busy.retryAfter()).isEqualTo(Duration.ofSeconds(7));
              assertThat(busy.refusal().body()).contains("TOOMANYREQUESTS");
            });
  }

  @Test
  void down_isBusyWithOurJson() {
    origin.trouble = FakeRegistry.Trouble.DOWN;

    assertThat(fetch(0, -1))
        .isInstanceOfSatisfying(
            OriginBlobs.Busy.class,
            busy ->
                assertThat(busy.refusal().body()).contains("UNAVAILABLE").doesNotContain("<h1>"));
  }

  @Test
  void htmlError_isNotRelayed() {
    origin.trouble = FakeRegistry.Trouble.HTML_ERROR;

    assertThat(fetch(0, -1))
        .isInstanceOfSatisfying(
            OriginBlobs.Refused.class,
            refused -> {
              assertThat(refused.refusal().status()).isEqualTo(404);
              assertThat(refused.refusal().body())
                  .contains("BLOB_UNKNOWN")
                  .contains("tried to pull blob")
                  .doesNotContain("secret page");
            });
  }

  @Test
  void redirectToAnotherHost_isFollowedWithoutCredential_andToTheLetter() {
    try (FakeRegistry cdn = new FakeRegistry("127.0.0.2")) {
      origin.trouble = FakeRegistry.Trouble.REDIRECT;
      origin.redirectTo = cdn.url().toString();
      cdn.putBlob("cdn", blob);

      OriginBlobs.Bytes bytes = (OriginBlobs.Bytes) fetch(5, 10);

      assertThat(drain(bytes)).hasSize(5);
      assertThat(cdn.seen())
          .singleElement()
          .satisfies(seen -> {
            assertThat(seen.authorization()).isEmpty();
            assertThat(seen.uri()).isEqualTo("/cdn/" + digest + "?sig=a%2Fb%20c");
            assertThat(seen.range()).isEqualTo("bytes=5-9");
          });
    }
  }

  /** Else the caller's next credential would go wherever that host says. */
  @Test
  void challengeOfAnotherHost_isNotTheOrigins() {
    try (FakeRegistry store = new FakeRegistry("127.0.0.2")) {
      origin.trouble = FakeRegistry.Trouble.REDIRECT;
      origin.redirectTo = store.url().toString();
      store.login = FakeRegistry.Login.BEARER;

      assertThat(fetch(0, -1))
          .isEqualTo(new OriginBlobs.Broken("the store behind the origin answered 401"));
      assertThat(head())
          .isEqualTo(new Answer.Unavailable("the store behind the origin answered 401"));
      byte[] realm = store.realm.getBytes(StandardCharsets.UTF_8);
      assertThat(client.realms().find(Digest.sha256Of(realm).hex().substring(0, 16))).isEmpty();
    }
  }

  /** To a tag or a digest that is asked for, unlike to a blob whose place the origin named. */
  @Test
  void nothingAtAnotherHost_isANoToQuestionsOnly() {
    try (FakeRegistry store = new FakeRegistry("127.0.0.2")) {
      origin.trouble = FakeRegistry.Trouble.REDIRECT;
      origin.redirectTo = store.url().toString();

      assertThat(fetch(0, -1))
          .isEqualTo(new OriginBlobs.Broken("the store behind the origin answered 404"));
      assertThat(head())
          .isInstanceOfSatisfying(
              Answer.Refused.class, r -> assertThat(r.refusal().status()).isEqualTo(404));
    }
  }

  private Answer head() {
    return client
        .document(
            HttpMethods.HEAD,
            "/v2/team/app/blobs/" + digest,
            List.of(),
            access.credential(),
            "look for a blob",
            OciError.Code.BLOB_UNKNOWN)
        .toCompletableFuture()
        .join();
  }

  @Test
  void redirectLoop_isBroken() {
    origin.trouble = FakeRegistry.Trouble.REDIRECT_LOOP;

    assertThat(fetch(0, -1))
        .isInstanceOfSatisfying(
            OriginBlobs.Broken.class, broken -> assertThat(broken.cause()).contains("circle"));
  }

  @Test
  void nobodyThere_isBroken_withoutTheCredential() {
    origin.close();

    assertThat(fetch(0, -1))
        .isInstanceOfSatisfying(
            OriginBlobs.Broken.class,
            broken -> assertThat(broken.cause()).doesNotContain("do-not-print-me"));
  }

  @Test
  void values_printNoCredential() {
    assertThat(access.toString()).doesNotContain("do-not-print-me");
    RegistryBackend.Ask ask =
        new RegistryBackend.Ask(
            new FrontPath.Base(),
            false,
            java.util.Optional.empty(),
            java.util.List.of(),
            access.credential());
    assertThat(ask.toString()).doesNotContain("do-not-print-me");
    RegistryBackend.TokenAsk token =
        new RegistryBackend.TokenAsk(
            "id",
            java.util.Optional.of("password=x1y2"),
            java.util.Optional.of(ByteString.fromString("password=x1y2")),
            access.credential());
    assertThat(token.toString()).doesNotContain("x1y2").doesNotContain("do-not-print-me");
  }

  @Test
  void exactly_failsWhenMoreComesThanPromised() {
    Source<ByteString, akka.NotUsed> body =
        Promised.exactly(Source.single(ByteString.fromString("four")), 3);

    assertThatThrownBy(() -> body.runWith(Sink.ignore(), kit.system()).toCompletableFuture().join())
        .hasRootCauseInstanceOf(Promised.WrongLengthException.class);
  }
}
