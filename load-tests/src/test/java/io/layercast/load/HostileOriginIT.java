package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * An origin that breaks the rules of HTTP, of registries and of good manners. Each time: a right
 * body, or a clear error in bounded time; never a whole body that is wrong.
 */
@FaultSuite
final class HostileOriginIT {
  private static final String REPOSITORY = "library/hostile";
  private static final String ADA = Http.basic("ada", "lovelace");
  private static final int SIZE = 6_000_000;
  private static final int TMPFS_BYTES = 32 * 1024 * 1024;
  private static BadOrigin origin;
  private static BadOrigin otherHost;
  private static Stack stack;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    origin = BadOrigin.start(workplace);
    otherHost = BadOrigin.start(workplace);
    Path config = workplace.folder("config").resolve("short.conf");
    Files.writeString(
        config,
        """
        layercast.engine.ingest { stall-timeout = 3s, max-backoff = 500ms }
        layercast.engine.agent { tries = 3, max-reopen-backoff = 500ms }
        """);
    stack =
        Stack.before(workplace, origin.url())
            .proxy("--config", config.toString())
            .agent("--config", config.toString())
            .agentWithData(workplace.tmpfs("full", TMPFS_BYTES))
            .agent("--download-rate", "3MB/s")
            .start();
  }

  /** Random bytes and their digest; each test has its own, so that none is cached. */
  private record Body(String digest, int seed, int size) {
    static Body random(int seed, int size) {
      return new Body(Sha256.of(bytes(seed, size)), seed, size);
    }

    byte[] bytes() {
      return bytes(seed, size);
    }

    private static byte[] bytes(int seed, int size) {
      byte[] bytes = new byte[size];
      new SplittableRandom(seed).nextBytes(bytes);
      return bytes;
    }
  }

  @Test
  void rangesIgnored_bodyIsRight() {
    Body body = Body.random(1, SIZE);
    byte[] bytes = body.bytes();
    origin.on(
        body.digest(),
        (request, out, _) -> {
          BadOrigin.head(out, "200 OK", "Content-Length: " + bytes.length);
          if (request.method().equals("GET")) {
            out.write(bytes);
          }
        });

    assertThat(pull(body)).isInstanceOfSatisfying(Puller.Complete.class, is(body));
  }

  /** The first lie is noticed: a 206 that answers another range than was asked. */
  @Test
  void wrongRangeAnswered_neverAWrongBody() {
    Body body = Body.random(2, SIZE);
    byte[] bytes = body.bytes();
    origin.on(
        body.digest(),
        (request, out, _) -> {
          if (request.hasRange() && request.from() > 0) {
            BadOrigin.head(
                out,
                "206 Partial Content",
                "Content-Length: 1000",
                "Content-Range: bytes 0-999/" + bytes.length);
            out.write(bytes, 0, 1000);
          } else {
            BadOrigin.serve(bytes, request, out);
          }
        });

    assertNeverWrong(body, pull(body));
  }

  /** The blob is said to be longer as soon as more than its first range is asked for. */
  @Test
  void wrongLengthTold_neverAWrongBody() {
    Body body = Body.random(16, SIZE);
    byte[] bytes = body.bytes();
    origin.on(
        body.digest(),
        (request, out, _) -> {
          int from = (int) request.from();
          if (request.hasRange() && from > 0) {
            int to = (int) request.to(bytes.length);
            BadOrigin.head(
                out,
                "206 Partial Content",
                "Content-Length: " + (to - from),
                "Content-Range: bytes %d-%d/%d".formatted(from, to - 1, bytes.length + 1_000));
            out.write(bytes, from, to - from);
          } else {
            BadOrigin.serve(bytes, request, out);
          }
        });

    assertNeverWrong(body, pull(body));
  }

  /** Though identity was asked for. It is not unpacked, so its digest is not the layer's. */
  @Test
  void compressedLayer_neverAWrongBody() throws IOException {
    byte[] bytes = new byte[SIZE];
    Body body = new Body(Sha256.of(bytes), 0, SIZE);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(bytes);
    }
    origin.on(
        body.digest(),
        (request, out, _) -> {
          BadOrigin.head(
              out, "200 OK", "Content-Encoding: gzip", "Content-Length: " + packed.size());
          if (request.method().equals("GET")) {
            out.write(packed.toByteArray());
          }
        });

    assertThat(pull(body)).isNotInstanceOf(Puller.Complete.class);
  }

  @Test
  void noLength_bodyIsRight() {
    Body body = Body.random(3, SIZE);
    serveWithoutLength(body);

    assertThat(pull(body)).isInstanceOfSatisfying(Puller.Complete.class, is(body));
  }

  private static void serveWithoutLength(Body body) {
    byte[] bytes = body.bytes();
    origin.on(
        body.digest(),
        (request, out, _) -> {
          BadOrigin.head(out, "200 OK", "Content-Type: application/octet-stream");
          if (request.method().equals("GET")) {
            out.write(bytes);
          }
        });
  }

  /** Unknown in length, it goes around the store, and not around the limit: 6 MB at 3 MB/s. */
  @Test
  void noLength_passesTheAgentsDownloadLimit() {
    Body body = Body.random(14, SIZE);
    serveWithoutLength(body);

    Puller.Outcome outcome = puller().pull(stack.agent(2).url(), REPOSITORY, body.digest());

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Puller.Complete.class,
            complete -> {
              assertThat(complete.digest()).isEqualTo(body.digest());
              // The burst of 20 ms and one element, a socket read of 256 KiB, come free.
              assertThat(complete.time()).isGreaterThan(Duration.ofMillis(1_850));
            });
  }

  @Test
  void truncatedAndReset_areResumed() {
    Body body = Body.random(4, SIZE);
    byte[] bytes = body.bytes();
    AtomicInteger gets = new AtomicInteger();
    origin.on(
        body.digest(),
        (request, out, socket) -> {
          int count = request.method().equals("GET") ? gets.incrementAndGet() : 0;
          if (count == 1 || count == 2) {
            int from = (int) request.from();
            int to = (int) request.to(bytes.length);
            BadOrigin.head(
                out,
                request.hasRange() ? "206 Partial Content" : "200 OK",
                "Content-Length: " + (to - from),
                request.hasRange()
                    ? "Content-Range: bytes %d-%d/%d".formatted(from, to - 1, bytes.length)
                    : "X-Whole: yes");
            out.write(bytes, from, (to - from) / 2);
            out.flush();
            if (count == 2) {
              socket.setSoLinger(true, 0); // closing resets
            }
          } else {
            BadOrigin.serve(bytes, request, out);
          }
        });

    assertThat(pull(body)).isInstanceOfSatisfying(Puller.Complete.class, is(body));
  }

  /** At 1 kB/s its first range would take over an hour. */
  @Test
  void originDrips_anotherConnectionBringsTheRest(Fault fault) throws Exception {
    Body body = Body.random(15, SIZE);
    byte[] bytes = body.bytes();
    AtomicInteger gets = new AtomicInteger();
    origin.on(
        body.digest(),
        (request, out, _) -> {
          boolean isFirst = request.method().equals("GET") && gets.getAndIncrement() == 0;
          BadOrigin.serve(bytes, request, isFirst ? new DrippingOutput(out, 1_000) : out);
        });

    RunningPull pull = RunningPull.start(stack.agent(0), REPOSITORY, new Blob(body.digest(), SIZE));

    pull.mustBeRight(Duration.ofSeconds(60));
    fault.stalled(pull.longestPause());
  }

  @Test
  void wrongBytesOnce_nobodyGetsThemWholeAndTheNextGenerationIsRight() {
    Body body = Body.random(5, SIZE);
    byte[] bytes = body.bytes();
    AtomicInteger wrong = new AtomicInteger();
    origin.on(
        body.digest(),
        (request, out, _) -> {
          byte[] answer = bytes;
          if (request.method().equals("GET")
              && request.from() == 0
              && wrong.getAndIncrement() == 0) {
            answer = bytes.clone();
            answer[1000] ^= 1;
          }
          BadOrigin.serve(answer, request, out);
        });

    Puller.Outcome first = pull(body);
    assertNeverWrong(body, first);
    assertThat(pull(body)).isInstanceOfSatisfying(Puller.Complete.class, is(body));
  }

  @Test
  void wrongBytesAlways_pullsFailAndNothingIsKept() {
    Body body = Body.random(6, SIZE);
    byte[] wrong = body.bytes();
    wrong[SIZE - 1] ^= 1;
    origin.on(body.digest(), (request, out, _) -> BadOrigin.serve(wrong, request, out));

    assertThat(pull(body)).isNotInstanceOf(Puller.Complete.class);
    assertThat(pull(body)).isNotInstanceOf(Puller.Complete.class);
    // Not poisoned: an origin that has come to its senses is believed.
    byte[] right = body.bytes();
    origin.on(body.digest(), (request, out, _) -> BadOrigin.serve(right, request, out));
    Wait.until(
        "the right bytes to be accepted",
        Duration.ofSeconds(40),
        () -> pull(body) instanceof Puller.Complete);
    assertThat(pull(body)).isInstanceOfSatisfying(Puller.Complete.class, is(body));
  }

  /**
   * Up to layercast.engine.ingest.longest-retry-after, 30 s, the proxy waits in the client's place.
   */
  @Test
  void tooManyRequests_aShortRetryAfterIsWaitedFor() {
    Body body = Body.random(7, SIZE);
    busyOnce(body, 2);

    assertThat(pull(body)).isInstanceOfSatisfying(Puller.Complete.class, is(body));

    List<BadOrigin.Request> asked = origin.requests(body.digest());
    assertThat(Duration.ofNanos(asked.get(1).atNanos() - asked.get(0).atNanos()))
        .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
  }

  @Test
  void tooManyRequests_aLongRetryAfterIsPassedOn() throws IOException {
    Body body = Body.random(13, SIZE);
    busyOnce(body, 45);
    String url = stack.agent(0).url() + "/v2/" + REPOSITORY + "/blobs/" + body.digest();

    Http.Answer answer = Http.get(url);

    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.header("Retry-After")).hasValue("45");
    assertThat(answer.text()).contains("\"errors\"", "TOOMANYREQUESTS");
    assertThat(origin.requests(body.digest())).as("nobody asked in its place").hasSize(1);
    assertThat(pull(body))
        .as("once the client asks again")
        .isInstanceOfSatisfying(Puller.Complete.class, is(body));
  }

  /** The first request for it gets 429, all others the right bytes. */
  private static void busyOnce(Body body, int retryAfterSeconds) {
    byte[] bytes = body.bytes();
    AtomicInteger requests = new AtomicInteger();
    origin.on(
        body.digest(),
        (request, out, _) -> {
          if (requests.getAndIncrement() == 0) {
            String retryAfter = "Retry-After: " + retryAfterSeconds;
            BadOrigin.head(out, "429 Too Many Requests", retryAfter, "Content-Length: 0");
          } else {
            BadOrigin.serve(bytes, request, out);
          }
        });
  }

  @Test
  void serviceUnavailable_isSaidAsSuch() {
    Body body = Body.random(8, SIZE);
    origin.on(
        body.digest(),
        (_, out, _) -> BadOrigin.head(out, "503 Service Unavailable", "Content-Length: 0"));

    Puller.Outcome outcome = pull(body);

    assertThat(outcome).isInstanceOf(Puller.Refused.class);
    Puller.Refused refused = (Puller.Refused) outcome;
    assertThat(refused.status()).isIn(502, 503);
    assertThat(refused.body()).contains("\"errors\"");
  }

  @Test
  void redirectToAnotherHost_isFollowedWithoutTheCredential() {
    Body body = Body.random(9, SIZE);
    byte[] bytes = body.bytes();
    origin.on(
        body.digest(),
        (request, out, _) -> {
          if (!ADA.equals(request.headers().get("authorization"))) {
            BadOrigin.head(
                out,
                "401 Unauthorized",
                "WWW-Authenticate: Basic realm=\"x\"",
                "Content-Length: 0");
          } else {
            BadOrigin.head(
                out,
                "307 Temporary Redirect",
                "Location: " + otherHost.url() + "/store/" + body.digest(),
                "Content-Length: 0");
          }
        });
    otherHost.on(body.digest(), (request, out, _) -> BadOrigin.serve(bytes, request, out));

    String ofAda = "library/of-ada"; // a repository in which nobody else has a grant
    assertThat(puller().as(ADA).pull(stack.agent(0).url(), ofAda, body.digest()))
        .isInstanceOfSatisfying(Puller.Complete.class, is(body));

    assertThat(otherHost.requests(body.digest()))
        .isNotEmpty()
        .allSatisfy(request -> assertThat(request.headers()).doesNotContainKey("authorization"));
    assertThat(puller().pull(stack.agent(0).url(), ofAda, body.digest()))
        .as("someone without it")
        .isInstanceOfSatisfying(
            Puller.Refused.class, refused -> assertThat(refused.status()).isEqualTo(401));
  }

  @Test
  void redirectLoop_endsInAnError() {
    Body body = Body.random(10, SIZE);
    origin.on(
        body.digest(),
        (request, out, _) ->
            BadOrigin.head(
                out,
                "307 Temporary Redirect",
                "Location: " + origin.url() + request.path(),
                "Content-Length: 0"));

    Puller.Outcome outcome = pull(body);

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Puller.Refused.class,
            refused -> {
              assertThat(refused.status()).isGreaterThanOrEqualTo(500);
              assertThat(refused.body()).contains("\"errors\"");
            });
    assertThat(origin.requests(body.digest())).hasSizeLessThan(60);
  }

  @Test
  void agentsDiskFull_pullStreamsThrough() {
    Body body = Body.random(11, 2 * TMPFS_BYTES);
    byte[] bytes = body.bytes();
    origin.on(body.digest(), (request, out, _) -> BadOrigin.serve(bytes, request, out));

    assertThat(puller().pull(stack.agent(1).url(), REPOSITORY, body.digest()))
        .isInstanceOfSatisfying(Puller.Complete.class, is(body));
    Body small = Body.random(12, SIZE);
    byte[] smallBytes = small.bytes();
    origin.on(small.digest(), (request, out, _) -> BadOrigin.serve(smallBytes, request, out));
    assertThat(puller().pull(stack.agent(1).url(), REPOSITORY, small.digest()))
        .as("and it goes on after that")
        .isInstanceOfSatisfying(Puller.Complete.class, is(small));
  }

  private static Puller.Outcome pull(Body body) {
    return puller().pull(stack.agent(0).url(), REPOSITORY, body.digest());
  }

  private static Puller puller() {
    return Puller.create().patientFor(Duration.ofSeconds(40));
  }

  private static Consumer<Puller.Complete> is(Body body) {
    return complete -> assertThat(complete.digest()).isEqualTo(body.digest());
  }

  /** Right, or an end that comes by itself. */
  private static void assertNeverWrong(Body body, Puller.Outcome outcome) {
    if (outcome instanceof Puller.Complete complete) {
      assertThat(complete.digest()).isEqualTo(body.digest());
    } else if (outcome instanceof Puller.Broken broken) {
      assertThat(broken.cause()).isNotInstanceOf(SocketTimeoutException.class);
    }
  }
}
