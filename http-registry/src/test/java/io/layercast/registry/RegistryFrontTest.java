package io.layercast.registry;

import static org.assertj.core.api.Assertions.assertThat;

import akka.stream.javadsl.Sink;
import io.layercast.engine.Credential;
import io.layercast.engine.Digest;
import io.layercast.engine.LayerCatalog;
import io.layercast.engine.LayerNews;
import io.layercast.engine.OriginAccess;
import io.layercast.engine.RepositoryName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The OCI pull side as a client sees it, on the agent and on the proxy. */
class RegistryFrontTest {
  private static final String INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
  private static Installation installation;

  private final byte[] layer = new byte[700_000];

  @BeforeAll
  static void start(@TempDir Path folder) {
    installation = new Installation(folder);
  }

  @AfterAll
  static void stop() {
    installation.close();
  }

  @BeforeEach
  void quiet() {
    new Random(3).nextBytes(layer);
    installation.origin.trouble = FakeRegistry.Trouble.NONE;
  }

  private static List<URI> both() {
    return List.of(installation.agent, installation.proxy);
  }

  @Test
  void base_isRelayed() {
    for (URI base : both()) {
      for (String path : List.of("/v2/", "/v2")) {
        HttpResponse<byte[]> answer = installation.get(base, path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Docker-Distribution-Api-Version"))
            .contains("registry/2.0");
      }
    }
  }

  @Test
  void tag_isRevalidatedEveryTime() {
    byte[] first = "{\"schemaVersion\":2,\"n\":1}".getBytes(StandardCharsets.UTF_8);
    byte[] second = "{\"schemaVersion\":2,\"n\":2}".getBytes(StandardCharsets.UTF_8);
    Digest digest = installation.origin.putManifest("team/app", "latest", INDEX_TYPE, first);

    HttpResponse<byte[]> head =
        installation.send(
            "HEAD", installation.agent, "/v2/team/app/manifests/latest", "Accept", INDEX_TYPE);
    HttpResponse<byte[]> got =
        installation.get(installation.agent, "/v2/team/app/manifests/latest");
    installation.origin.putManifest("team/app", "latest", INDEX_TYPE, second);
    HttpResponse<byte[]> later =
        installation.get(installation.agent, "/v2/team/app/manifests/latest");

    assertThat(head.headers().firstValue("Docker-Content-Digest")).contains(digest.toString());
    assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(first.length);
    assertThat(head.headers().firstValue("Content-Type")).contains(INDEX_TYPE);
    assertThat(got.body()).isEqualTo(first);
    assertThat(later.body()).isEqualTo(second);
  }

  @Test
  void manifestWithOtherBytesThanItsDigest_isNeverServed() {
    byte[] manifest = "{\"schemaVersion\":2,\"n\":3}".getBytes(StandardCharsets.UTF_8);
    Digest digest = installation.origin.putManifest("team/app", "bad", INDEX_TYPE, manifest);
    installation.origin.trouble = FakeRegistry.Trouble.WRONG_BYTES;

    for (String reference : List.of("bad", digest.toString())) {
      HttpResponse<byte[]> answer =
          installation.get(installation.agent, "/v2/team/app/manifests/" + reference);
      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(text(answer)).contains("MANIFEST_INVALID", "tried to pull manifest");
    }
  }

  @Test
  void blob_headAndRanges() {
    Digest digest = installation.origin.putBlob("team/app", layer);
    for (URI base : both()) {
      String path = "/v2/team/app/blobs/" + digest;
      HttpResponse<byte[]> head = installation.send("HEAD", base, path);
      HttpResponse<byte[]> whole = installation.get(base, path);
      HttpResponse<byte[]> multi = installation.get(base, path, "Range", "bytes=0-1,5-9");
      HttpResponse<byte[]> beyond = installation.get(base, path, "Range", "bytes=700000-");

      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(layer.length);
      assertThat(head.headers().firstValue("Docker-Content-Digest")).contains(digest.toString());
      assertThat(whole.body()).isEqualTo(layer);
      assertThat(whole.headers().firstValue("Accept-Ranges")).contains("bytes");
      assertThat(multi.statusCode()).isEqualTo(200);
      assertThat(beyond.statusCode()).isEqualTo(416);
      assertThat(beyond.headers().firstValue("Content-Range")).contains("bytes */700000");
      assertThat(text(beyond)).contains("RANGE_INVALID");
    }
    HttpResponse<byte[]> part =
        installation.get(
            installation.proxy, "/v2/team/app/blobs/" + digest, "Range", "bytes=10-19");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.headers().firstValue("Content-Range")).contains("bytes 10-19/700000");
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(layer, 10, 20));
    HttpResponse<byte[]> last =
        installation.get(installation.proxy, "/v2/team/app/blobs/" + digest, "Range", "bytes=-3");
    assertThat(last.body()).isEqualTo(Arrays.copyOfRange(layer, 699_997, 700_000));
  }

  @Test
  void emptyBlob_isServed() {
    Digest digest = installation.origin.putBlob("team/app", new byte[0]);

    for (URI base : both()) {
      HttpResponse<byte[]> answer = installation.get(base, "/v2/team/app/blobs/" + digest);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEmpty();
    }
  }

  @Test
  void headWithoutLength_isAnsweredWithout() {
    Digest digest = installation.origin.putBlob("team/app", new byte[] {4, 5, 6});
    installation.origin.trouble = FakeRegistry.Trouble.NO_LENGTH;
    for (URI base : both()) {
      HttpResponse<byte[]> head = installation.send("HEAD", base, "/v2/team/app/blobs/" + digest);

      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.headers().firstValue("Content-Length")).isEmpty();
    }
  }

  /** Longer than the store takes. */
  @Test
  void manifestWithALongType_isServed() {
    byte[] manifest = "{\"schemaVersion\":2,\"n\":4}".getBytes(StandardCharsets.UTF_8);
    installation.origin.putManifest("team/app", "long", "application/" + "x".repeat(300), manifest);

    HttpResponse<byte[]> answer =
        installation.get(installation.agent, "/v2/team/app/manifests/long");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(manifest);
  }

  @Test
  void blobWithoutLength_isStreamedAndVerified() {
    byte[] bytes = Arrays.copyOf(layer, 90_001);
    Digest digest = installation.origin.putBlob("team/app", bytes);
    installation.origin.trouble = FakeRegistry.Trouble.NO_LENGTH;
    long before = installation.download.passedBytes();

    HttpResponse<byte[]> answer =
        installation.get(installation.agent, "/v2/team/app/blobs/" + digest);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(bytes);
    assertThat(installation.download.passedBytes() - before)
        .as("what the proxy's download limit saw")
        .isEqualTo(bytes.length);
  }

  @Test
  void wrongBlob_neverEndsCleanly() {
    byte[] bytes = Arrays.copyOf(layer, 500_001);
    Digest digest = installation.origin.putBlob("team/app", bytes);
    installation.origin.trouble = FakeRegistry.Trouble.WRONG_BYTES;

    for (URI base : both()) {
      int status;
      try {
        status = installation.get(base, "/v2/team/app/blobs/" + digest).statusCode();
      } catch (UncheckedIOException _) {
        continue; // the connection was reset
      }
      assertThat(status).isGreaterThanOrEqualTo(500);
    }
  }

  @Test
  void tagsAndReferrers_areRelayed_theirLinksMoved() {
    HttpResponse<byte[]> tags =
        installation.get(installation.agent, "/v2/team/app/tags/list?n=2&last=0");
    HttpResponse<byte[]> referrers =
        installation.get(
            installation.agent,
            "/v2/team/app/referrers/" + Digest.sha256Of(layer) + "?artifactType=a");

    assertThat(text(tags)).isEqualTo("{\"name\":\"team/app\",\"tags\":[\"a\",\"b\"]}");
    assertThat(tags.headers().firstValue("Link"))
        .contains("</v2/team/app/tags/list?last=b&n=2>; rel=\"next\"");
    assertThat(installation.origin.count("GET", "/v2/team/app/tags/list?n=2&last=0")).isEqualTo(1);
    assertThat(referrers.headers().firstValue("Content-Type")).contains(INDEX_TYPE);
    assertThat(installation.origin.count("GET", "?artifactType=a")).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /, 404, NAME_UNKNOWN",
    "GET, /v1/users, 404, NAME_UNKNOWN",
    "GET, /v2/_catalog, 404, NAME_UNKNOWN",
    "GET, /v2/Team/manifests/x, 400, NAME_INVALID",
    "GET, /v2/a//b/manifests/x, 400, NAME_INVALID",
    "GET, /v2/a/manifests/-x, 400, TAG_INVALID",
    "GET, /v2/a/manifests/sha256:12, 400, DIGEST_INVALID",
    "GET, /v2/a/blobs/sha256:12, 400, DIGEST_INVALID",
    "GET, /v2/a/blobs/md5:12, 400, DIGEST_INVALID",
    "PUT, /v2/a/manifests/x, 405, UNSUPPORTED",
    "DELETE, /v2/a/manifests/x, 405, UNSUPPORTED",
    "POST, /v2/a/blobs/uploads/, 405, UNSUPPORTED",
    "PATCH, /v2/a/blobs/uploads/1, 405, UNSUPPORTED",
    "POST, /v2/, 405, UNSUPPORTED",
    "GET, /v2/a/manifests/none, 404, MANIFEST_UNKNOWN",
    "GET, /layercast/v1/blobs/sha256:12/metainfo, 400, DIGEST_INVALID"
  })
  void whatIsNotServed_isAnOciError(String method, String path, int status, String code) {
    for (URI base : both()) {
      HttpResponse<byte[]> answer = installation.send(method, base, path);
      assertThat(answer.statusCode()).isEqualTo(status);
      assertThat(text(answer)).startsWith("{\"errors\":[{\"code\":\"" + code + "\"");
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "160301020001000001fc03030000000000000000000000000000000000000000000000000000000000000000",
        "00000000000000000000000000000000000000000000000d0a0d0a",
        "474554202f76322f20485454502f392e390d0a0d0a"
      })
  void bytesThatAreNoHttp_areAnsweredAsHttp(String hex) throws IOException {
    byte[] hello = java.util.HexFormat.of().parseHex(hex);
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), installation.agent.getPort())) {
      socket.setSoTimeout(5000);
      socket.getOutputStream().write(hello);
      socket.getOutputStream().flush();
      byte[] answer = socket.getInputStream().readNBytes(12);
      assertThat(new String(answer, StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 ");
    }
  }

  @Test
  void open_givesTicketNewsAndVerdict_orTheWholeSmallBlob() {
    Digest large = installation.origin.putBlob("team/app", layer);
    byte[] small = {1, 2, 3};
    Digest little = installation.origin.putBlob("team/app", small);
    OriginAccess access = new OriginAccess(new RepositoryName("team/app"), Credential.NONE);

    LayerCatalog.Opening swarmed =
        installation.proxies.open(access, large, Optional.empty()).toCompletableFuture().join();
    LayerCatalog.Opening inline =
        installation.proxies.open(access, little, Optional.empty()).toCompletableFuture().join();

    assertThat(inline)
        .isInstanceOfSatisfying(
            LayerCatalog.Inline.class, i -> assertThat(i.bytes().toArray()).isEqualTo(small));
    assertThat(swarmed).isInstanceOf(LayerCatalog.Swarmed.class);
    LayerCatalog.Swarmed swarm = (LayerCatalog.Swarmed) swarmed;
    assertThat(swarm.ticket().digest()).isEqualTo(large);
    assertThat(swarm.ticket().secret()).isEqualTo(FakeLayers.KEYS.secret(large, 0));
    assertThat(swarm.ticket().seeds().getFirst().getPort()).isEqualTo(6882);
    List<LayerNews> news =
        swarm.news().runWith(Sink.seq(), installation.kit.system()).toCompletableFuture().join();
    assertThat(news).hasSize(swarm.ticket().layout().pieceCount() + 1);
    assertThat(news.getLast()).isEqualTo(new LayerNews.Sealed(0));
  }

  @Test
  void elsewhere_isFollowedWithAPermit() throws IOException {
    byte[] bytes = Arrays.copyOf(layer, 400_003);
    Digest digest = installation.origin.putBlob("team/app", bytes);
    Path folder = java.nio.file.Files.createTempDirectory("owner");
    OriginAccess access = new OriginAccess(new RepositoryName("team/app"), Credential.NONE);
    try (Installation owner = new Installation(folder)) {
      owner.origin.putBlob("team/app", bytes);
      assertThat(owner.get(owner.proxy, "/v2/team/app/blobs/" + digest).statusCode())
          .isEqualTo(200);
      long heads = owner.origin.seen().size();
      installation.layers.moveTo(digest, owner.proxy.getAuthority());

      LayerCatalog.Opening opening =
          installation.proxies.open(access, digest, Optional.empty()).toCompletableFuture().join();
      HttpResponse<byte[]> pulled =
          installation.get(installation.proxy, "/v2/team/app/blobs/" + digest);
      HttpResponse<byte[]> torrent =
          installation.get(
              owner.agent, "/layercast/v1/blobs/" + digest + ".torrent?repository=team/app");

      assertThat(opening).isInstanceOf(LayerCatalog.Swarmed.class);
      assertThat(pulled.body()).isEqualTo(bytes);
      assertThat(text(torrent)).isEqualTo("torrent of " + digest);
      assertThat(owner.origin.seen()).as("the permit spares a HEAD").hasSize((int) heads);
    }
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }
}
