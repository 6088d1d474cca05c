package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/** A BitTorrent client that nobody here wrote takes a sealed layer from us, and gives one to us. */
@ExtendWith(OnFailureKeepLogs.class)
@TestMethodOrder(OrderAnnotation.class)
final class Aria2IT {
  private static final String REPOSITORY = "library/one-layer";
  private static DockerRegistry registry;
  private static Stack stack;
  private static TestImage image;
  private static Blob layer;

  @BeforeAll
  static void pullOnce(Workplace workplace) throws IOException {
    image = ImageMaker.make(workplace.folder("image"), 5, List.of(24_000_000L));
    layer = image.layer(0);
    registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), REPOSITORY);
    stack = Stack.before(workplace, registry.url()).proxy().agent().agent().start();
    Puller.create().mustPull(stack.agent(0).url(), REPOSITORY, layer);
  }

  @Test
  @Order(1)
  void aria2_leechesASealedLayer(Workplace workplace) throws IOException {
    Path folder = workplace.folder("leeched");

    new Aria2(workplace)
        .leech(
            torrent(workplace, stack.agent(0)),
            folder,
            workplace.address(),
            Duration.ofSeconds(60));

    assertThat(Sha256.of(onlyFile(folder))).isEqualTo(layer.digest());
  }

  /** The only other sources are a dead agent and a proxy at 100 kB/s, 240 s for this layer. */
  @Test
  @Order(2)
  void aria2_seedsALayerToAnAgent(Workplace workplace) throws IOException {
    Path torrent = torrent(workplace, stack.agent(0));
    Path folder = workplace.folder("seeded");
    Files.copy(image.file(layer), folder.resolve(Sha256.hexOf(layer.digest())));
    stack.agent(0).kill();
    stack.proxy(0).stop();
    stack.proxy(0).start("--upload-rate", "100kB/s");
    stack.proxy(0).awaitReady();

    new Aria2(workplace).seed(torrent, folder, workplace.address());
    Puller.Complete pulled = Puller.create().mustPull(stack.agent(1).url(), REPOSITORY, layer);

    assertThat(pulled.time()).isLessThan(Duration.ofSeconds(60));
    assertThat(stack.agent(1).traffic().fromProxies()).isLessThan(layer.sizeBytes() / 3);
  }

  private static Path torrent(Workplace workplace, Role role) throws IOException {
    Http.Answer answer =
        Http.get(
            role.url()
                + "/layercast/v1/blobs/"
                + layer.digest()
                + ".torrent?repository="
                + REPOSITORY);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return Files.write(workplace.folder("torrents").resolve("layer.torrent"), answer.body());
  }

  private static Path onlyFile(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      List<Path> found = files.filter(Files::isRegularFile).toList();
      assertThat(found).hasSize(1);
      return found.getFirst();
    }
  }
}
