package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The main job: an image that skopeo pushed to Debian's docker-registry, pulled through agents by
 * skopeo and containerd; the origin's access log counts its copies.
 */
@ExtendWith(OnFailureKeepLogs.class)
final class PullIT {
  private static final String REPOSITORY = "library/six-layers";
  private static final long MIB = 1024 * 1024;
  private static TestImage image;
  private static DockerRegistry registry;
  private static Stack stack;

  @BeforeAll
  static void start(Workplace workplace) throws IOException {
    image =
        ImageMaker.make(
            workplace.folder("image"),
            2,
            List.of(100 * MIB, 20 * MIB, 15 * MIB, 10 * MIB, 5 * MIB, 3_000L));
    registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    stack = Stack.before(workplace, registry.url()).proxy().proxy().agent().agent().start();
  }

  @Test
  void skopeoAndContainerd_pullThroughTwoAgentsForOneCopy(Workplace workplace) throws Exception {
    Skopeo skopeo = new Skopeo(workplace);
    Containerd containerd = Containerd.start(workplace, "containerd");
    try (ExecutorService both = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Path> bySkopeo =
          both.submit(() -> skopeo.pull(stack.agent(0).address(), REPOSITORY, image.tag()));
      containerd.pull(stack.agent(1).address(), REPOSITORY, image.tag());
      Skopeo.verify(image, bySkopeo.get());
    }
    // And once more, the other way round, from what is cached.
    Skopeo.verify(image, skopeo.pull(stack.agent(1).address(), REPOSITORY, image.tag()));
    Containerd second = Containerd.start(workplace, "containerd-2");
    second.pull(stack.agent(0).address(), REPOSITORY, image.tag());

    for (Blob layer : image.layers()) {
      assertThat(containerd.contents()).contains(layer.digest());
      assertThat(second.contents()).contains(layer.digest());
      assertThat(registry.sentBytes(layer))
          .as("origin's bytes of %s", layer)
          .isEqualTo(layer.sizeBytes());
    }
    assertThat(registry.sentBytes(image.config())).isEqualTo(image.config().sizeBytes());
  }

  @Test
  void front_answersRangesOfACachedBlob() throws IOException {
    Blob layer = image.layer(4);
    Puller.create().mustPull(stack.agent(0).url(), REPOSITORY, layer);
    String url = stack.agent(0).url() + "/v2/" + REPOSITORY + "/blobs/" + layer.digest();

    Http.Answer part = Http.get(url, "Range", "bytes=1000000-1000099");
    Http.Answer beyond = Http.get(url, "Range", "bytes=" + layer.sizeBytes() + "-");

    assertThat(part.status()).isEqualTo(206);
    assertThat(part.header("Content-Range")).hasValue("bytes 1000000-1000099/" + layer.sizeBytes());
    try (RandomAccessFile file = new RandomAccessFile(image.file(layer).toFile(), "r")) {
      byte[] expected = new byte[100];
      file.seek(1_000_000);
      file.readFully(expected);
      assertThat(part.body()).isEqualTo(expected);
    }
    assertThat(beyond.status()).isEqualTo(416);
  }

  @Test
  void front_refusesPushesAndUnknownThingsInOciWords() throws IOException {
    String front = stack.agent(0).url();

    Http.Answer push = Http.post(front + "/v2/" + REPOSITORY + "/blobs/uploads/", "");
    Http.Answer unknown = Http.get(front + "/v2/" + REPOSITORY + "/blobs/sha256:" + "0".repeat(64));
    Http.Answer badDigest = Http.get(front + "/v2/" + REPOSITORY + "/blobs/sha256:nonsense");

    assertThat(push.status()).isEqualTo(405);
    assertThat(push.text()).contains("\"errors\"").contains("UNSUPPORTED");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.text()).contains("BLOB_UNKNOWN");
    assertThat(badDigest.status()).isEqualTo(400);
    assertThat(badDigest.text()).contains("DIGEST_INVALID");
  }

  /** containerd tries TLS first on some ports and falls back only on an HTTP answer. */
  @Test
  void front_answersATlsHelloInPlainHttp() throws IOException {
    byte[] hello =
        HexFormat.of()
            .parseHex("160301002f0100002b0303" + "00".repeat(32) + "000004130113020100000000");
    var address = Workplace.socketAddress(stack.agent(0).address());
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(hello);
      byte[] answer = socket.getInputStream().readNBytes(5);
      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/");
    }
  }
}
