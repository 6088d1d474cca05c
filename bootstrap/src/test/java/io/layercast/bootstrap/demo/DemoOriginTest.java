package io.layercast.bootstrap.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.layercast.engine.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DemoOriginTest {
  private static final long SIZE = 2 << 20;

  private final DemoImage image = DemoImage.ofSize(SIZE);
  private final HttpClient http = HttpClient.newHttpClient();
  private final DemoOrigin origin = started();
  private final URI root = URI.create("http://127.0.0.1:" + origin.address().getPort());

  private static DemoOrigin started() {
    try {
      return DemoOrigin.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), SIZE);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterAll
  void stop() {
    origin.close();
  }

  @Test
  void image_hasSixLayersAndTheSameDigestsEverywhere() throws IOException {
    JsonNode manifest = Json.read(image.manifest());
    assertThat(manifest.path("layers")).hasSize(6);
    assertThat(manifest.path("layers").path(0).path("size").asLong())
        .isGreaterThan((long) (SIZE * 0.59));
    assertThat(manifest.path("layers").path(5).path("size").asLong()).isLessThan(5000);
    JsonNode diffIds = Json.read(image.config()).path("rootfs").path("diff_ids");
    assertThat(diffIds.path(0)).isEqualTo(manifest.path("layers").path(0).path("digest"));
  }

  @Test
  void pull_bringsEveryBlobWithItsDigestAndIsCounted() throws Exception {
    AtomicLong seen = new AtomicLong();
    long before = sent();
    ImagePuller.Pulled pulled =
        new ImagePuller(http, root, seen::addAndGet).pull(DemoImage.REPOSITORY, DemoImage.TAG);
    assertThat(pulled.blobs()).isEqualTo(7);
    assertThat(pulled.bytes()).isEqualTo(image.blobBytes()).isEqualTo(seen.get());
    assertThat(sent() - before).isEqualTo(image.blobBytes());
  }

  @Test
  void pull_ofAnUnknownTagSaysWhatWasTriedAndWhy() {
    assertThatThrownBy(() -> new ImagePuller(http, root, _ -> {}).pull("demo/app", "nosuch"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("demo/app:nosuch")
        .hasMessageContaining("404");
  }

  @Test
  void blob_answersARange() throws Exception {
    HttpResponse<byte[]> response = getBlob(layer(), "bytes=100-199");
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(response.headers().firstValue("Content-Range"))
        .hasValue("bytes 100-199/" + layerBytes());
    assertThat(response.body()).hasSize(100);
  }

  @Test
  void blob_refusesARangeBehindItsEnd() throws Exception {
    assertThat(getBlob(layer(), "bytes=99999999-").statusCode()).isEqualTo(416);
  }

  @Test
  void blob_answersManyRangesWithTheWhole() throws Exception {
    HttpResponse<byte[]> response = getBlob(image.configDigest(), "bytes=0-1,5-6");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(image.config());
  }

  @Test
  void push_isRefused() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(root.resolve("/v2/demo/app/blobs/uploads/"))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.body()).contains("UNSUPPORTED");
  }

  private Digest layer() {
    return image.layers().keySet().iterator().next();
  }

  private long layerBytes() {
    return image.layers().values().iterator().next().sizeBytes();
  }

  private HttpResponse<byte[]> getBlob(Digest digest, String range) throws Exception {
    return http.send(
        HttpRequest.newBuilder(root.resolve("/v2/demo/app/blobs/" + digest))
            .header("Range", range)
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private long sent() {
    return origin.sentBytes().values().stream().mapToLong(Long::longValue).sum();
  }
}
