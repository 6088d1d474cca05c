package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.layercast.engine.Digest;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nobody gets a cached byte without the origin's consent to them for that repository. */
class AuthorisationTest {
  private static final String ALICE = FakeRegistry.basic("alice:secret");
  private static final String BOB = FakeRegistry.basic("bob:hidden");
  private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

  private final byte[] layer = new byte[600_000];
  private final Installation installation;
  private final FakeRegistry origin;

  AuthorisationTest(@TempDir Path folder) {
    installation = new Installation(folder);
    origin = installation.origin;
    new Random(1).nextBytes(layer);
  }

  @BeforeEach
  void allow() {
    origin.allow("alice:secret", "team/private");
    origin.allow("bob:hidden", "team/other");
  }

  @AfterEach
  void close() {
    installation.close();
  }

  @Test
  void cachedBlob_isRefusedAsTheOriginRefuses_andGivesNoByte() {
    origin.login = FakeRegistry.Login.BASIC;
    Digest digest = origin.putBlob("team/private", layer);
    String blob = "/v2/team/private/blobs/" + digest;
    String metainfo = "/layercast/v1/blobs/" + digest + "/metainfo?repository=team/private";
    String bytes = "/layercast/v1/blobs/" + digest + "/bytes?repository=team/private";
    String torrent = "/layercast/v1/blobs/" + digest + ".torrent?repository=team/private";
    for (URI base : new URI[] {installation.agent, installation.proxy}) {
      HttpResponse<byte[]> allowed = installation.get(base, blob, "Authorization", ALICE);
      assertThat(allowed.statusCode()).isEqualTo(200);
      assertThat(allowed.body()).isEqualTo(layer);
    }
    for (String path : new String[] {blob, metainfo, bytes, torrent}) {
      assertRefused(installation.get(installation.proxy, path), 401);
      assertRefused(
          installation.get(
              installation.proxy, path, "Authorization", FakeRegistry.basic("alice:wrong")),
          401);
      assertRefused(installation.get(installation.proxy, path, "Authorization", BOB), 403);
    }
    for (String path : new String[] {blob, torrent}) {
      assertRefused(installation.get(installation.agent, path), 401);
      assertRefused(installation.get(installation.agent, path, "Authorization", BOB), 403);
    }
    HttpResponse<byte[]> elsewhere =
        installation.get(
            installation.proxy, "/v2/team/other/blobs/" + digest, "Authorization", BOB);
    assertRefused(elsewhere, 404);
    assertThat(origin.count("GET", "/blobs/")).as("one copy and refusals of HEADs").isEqualTo(1);
  }

  @Test
  void refusal_carriesTheOriginsChallenge() {
    origin.login = FakeRegistry.Login.BASIC;
    Digest digest = origin.putBlob("team/private", layer);

    HttpResponse<byte[]> answer =
        installation.get(installation.agent, "/v2/team/private/blobs/" + digest);

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate"))
        .contains("Basic realm=\"Fake Registry\"");
  }

  @Test
  void hostileManifest_gainsNothing() {
    origin.login = FakeRegistry.Login.BASIC;
    Digest digest = origin.putBlob("team/private", layer);
    assertThat(
            installation
                .get(installation.agent, "/v2/team/private/blobs/" + digest, "Authorization", ALICE)
                .statusCode())
        .isEqualTo(200);
    byte[] manifest =
        "{\"schemaVersion\":2,\"layers\":[{\"digest\":\"%s\",\"size\":%d}]}"
            .formatted(digest, layer.length)
            .getBytes(StandardCharsets.UTF_8);
    Digest hostile = origin.putManifest("team/other", "evil", MANIFEST_TYPE, manifest);

    for (URI base : new URI[] {installation.agent, installation.proxy}) {
      assertThat(
              installation
                  .get(base, "/v2/team/other/manifests/" + hostile, "Authorization", BOB)
                  .statusCode())
          .isEqualTo(200);
      assertRefused(
          installation.get(base, "/v2/team/other/blobs/" + digest, "Authorization", BOB), 404);
    }
    assertRefused(
        installation.get(
            installation.proxy,
            "/layercast/v1/blobs/" + digest + "/metainfo?repository=team/other",
            "Authorization",
            BOB),
        404);
  }

  @Test
  void cachedManifest_isRefusedAsTheOriginRefuses() {
    origin.login = FakeRegistry.Login.BASIC;
    byte[] manifest = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    Digest digest = origin.putManifest("team/private", "v1", MANIFEST_TYPE, manifest);
    String path = "/v2/team/private/manifests/" + digest;

    HttpResponse<byte[]> allowed =
        installation.get(installation.agent, path, "Authorization", ALICE);
    HttpResponse<byte[]> again = installation.get(installation.agent, path, "Authorization", ALICE);

    assertThat(allowed.body()).isEqualTo(manifest);
    assertThat(again.body()).isEqualTo(manifest);
    assertThat(again.headers().firstValue("Content-Type")).contains(MANIFEST_TYPE);
    assertThat(origin.count("GET", "/manifests/")).isEqualTo(1);
    assertThat(origin.count("HEAD", "/manifests/")).isZero();
    assertRefused(installation.get(installation.agent, path), 401);
    assertRefused(installation.get(installation.agent, path, "Authorization", BOB), 403);
  }

  @Test
  void whoMayList_mayNotThereforePull() {
    origin.login = FakeRegistry.Login.BASIC;
    origin.allowListing("bob:hidden", "team/private");
    byte[] manifest = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    Digest digest = origin.putManifest("team/private", "v1", MANIFEST_TYPE, manifest);
    String path = "/v2/team/private/manifests/" + digest;
    assertThat(installation.get(installation.proxy, path, "Authorization", ALICE).statusCode())
        .isEqualTo(200);

    for (String list : List.of("tags/list", "referrers/" + digest)) {
      assertThat(
              installation
                  .get(installation.proxy, "/v2/team/private/" + list, "Authorization", BOB)
                  .statusCode())
          .isEqualTo(200);
      assertRefused(installation.get(installation.proxy, path, "Authorization", BOB), 403);
    }
  }

  enum Way {
    COLD,
    UNSIZED,
    SIZED
  }

  @ParameterizedTest
  @EnumSource
  void refusalOfTheBytes_takesTheGrantAway(Way way) {
    origin.login = FakeRegistry.Login.BASIC;
    Digest cached = origin.putBlob("team/private", layer);
    Digest other = origin.putBlob("team/private", new byte[] {1, 2, 3});
    String blobs = "/v2/team/private/blobs/";
    URI proxy = installation.proxy;
    installation.get(proxy, blobs + cached, "Authorization", ALICE);
    installation.send("HEAD", proxy, blobs + other, "Authorization", ALICE);
    if (way != Way.COLD) {
      installation.layers.relay(
          other, way == Way.SIZED ? OptionalLong.of(3) : OptionalLong.empty());
    }
    origin.forbid("alice:secret", "team/private");
    assertThat(installation.get(proxy, blobs + cached, "Authorization", ALICE).statusCode())
        .isEqualTo(200);

    if (way == Way.SIZED) { // too late for a status
      assertThatThrownBy(() -> installation.get(proxy, blobs + other, "Authorization", ALICE))
          .isInstanceOf(UncheckedIOException.class);
    } else {
      assertRefused(installation.get(proxy, blobs + other, "Authorization", ALICE), 403);
    }

    assertRefused(installation.get(proxy, blobs + cached, "Authorization", ALICE), 403);
  }

  @Test
  void manifestWantedByManyAtOnce_isFetchedOnceAndAskedForByEach() throws Exception {
    origin.login = FakeRegistry.Login.BASIC;
    List<String> users = List.of("u1:a", "u2:b", "u3:c", "u4:d", "u5:e", "u6:f");
    users.forEach(user -> origin.allow(user, "team/private"));
    byte[] manifest = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    Digest digest = origin.putManifest("team/private", "v1", MANIFEST_TYPE, manifest);
    String path = "/v2/team/private/manifests/" + digest;
    origin.manifestGate = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HttpResponse<byte[]>>> answers =
          users.stream()
              .map(FakeRegistry::basic)
              .map(user ->
                  threads.submit(
                      () -> installation.get(installation.proxy, path, "Authorization", user)))
              .toList();
      try {
        await().until(() -> origin.count("GET", "/manifests/") > 0);
        await()
            .during(Duration.ofMillis(700))
            .atMost(Duration.ofSeconds(30))
            .until(() -> origin.count("GET", "/manifests/") == 1);
      } finally {
        origin.manifestGate.countDown();
      }
      for (Future<HttpResponse<byte[]>> answer : answers) {
        assertThat(answer.get().body()).isEqualTo(manifest);
      }
    }
    assertThat(origin.count("GET", "/manifests/")).isEqualTo(1);
    assertThat(origin.count("HEAD", "/manifests/")).isEqualTo(users.size() - 1);
    assertRefused(installation.get(installation.proxy, path, "Authorization", BOB), 403);
  }

  @Test
  void bearer_worksThroughTheAgentAlone() {
    origin.login = FakeRegistry.Login.BEARER;
    Digest digest = origin.putBlob("team/private", layer);
    String path = "/v2/team/private/blobs/" + digest;

    HttpResponse<byte[]> challenged = installation.get(installation.agent, path);
    String challenge = challenged.headers().firstValue("WWW-Authenticate").orElse("");
    Matcher realm =
        Pattern.compile(
                "Bearer realm=\"(http://127.0.0.1:\\d+/layercast/token/[0-9a-f]{16})\","
                    + "service=\"fake\",scope=\"repository:team/private:pull\"")
            .matcher(challenge);
    assertThat(challenge).matches(realm.pattern());
    assertThat(realm.matches()).isTrue();
    URI token = URI.create(realm.group(1));
    assertThat(token.getPort()).isEqualTo(installation.agent.getPort());

    String query = "?service=fake&scope=repository%3Ateam%2Fprivate%3Apull";
    HttpResponse<byte[]> got =
        installation.get(installation.agent, token.getPath() + query, "Authorization", ALICE);
    HttpResponse<byte[]> posted =
        installation.post(
            installation.agent,
            token.getPath(),
            "grant_type=password&username=alice&password=secret");
    HttpResponse<byte[]> refreshed =
        installation.post(
            installation.agent,
            token.getPath(),
            "grant_type=refresh_token&refresh_token=alice_secret");
    HttpResponse<byte[]> wrong =
        installation.get(
            installation.agent,
            token.getPath() + query,
            "Authorization",
            FakeRegistry.basic("alice:wrong"));

    assertThat(text(posted)).isEqualTo(text(got)).isEqualTo(text(refreshed));
    assertThat(wrong.statusCode()).isEqualTo(401);
    Matcher access = Pattern.compile("\"token\":\"([^\"]+)\"").matcher(text(got));
    assertThat(access.find()).isTrue();
    HttpResponse<byte[]> pulled =
        installation.get(installation.agent, path, "Authorization", "Bearer " + access.group(1));
    assertThat(pulled.statusCode()).isEqualTo(200);
    assertThat(pulled.body()).isEqualTo(layer);
  }

  @Test
  void tokenOfARealmTheOriginNeverNamed_isNotRelayed() {
    origin.login = FakeRegistry.Login.BEARER;

    HttpResponse<byte[]> answer =
        installation.get(
            installation.agent,
            "/layercast/token/0123456789abcdef?service=x",
            "Authorization",
            ALICE);

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(origin.seen()).allMatch(seen -> seen.authorization().isEmpty());
  }

  private static void assertRefused(HttpResponse<byte[]> answer, int status) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body().length).isLessThan(1000);
    assertThat(text(answer)).startsWith("{\"errors\":[{\"code\":");
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }
}
