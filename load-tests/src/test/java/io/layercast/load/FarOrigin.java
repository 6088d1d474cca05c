package io.layercast.load;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** An image in a registry at the other end of a way that can be shaped and closed. */
record FarOrigin(Workplace workplace, TestImage image, DockerRegistry registry, Relay way) {
  /**
   * @param seed of the layers' bytes
   * @param sizes of the layers
   */
  static FarOrigin start(Workplace workplace, String repository, long seed, List<Long> sizes)
      throws IOException {
    TestImage image = ImageMaker.make(workplace.folder("image"), seed, sizes);
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace).push(image, registry.address(), repository);
    return new FarOrigin(workplace, image, registry, Relay.start(workplace, registry.address()));
  }

  Stack.Plan stack() throws IOException {
    return Stack.before(workplace, "http://" + way.address());
  }

  Blob layer(int index) {
    return image.layer(index);
  }

  /** What all its connections have in sum from now on. */
  void rate(long bytesPerSecond) {
    way.shape(bytesPerSecond, Duration.ZERO);
  }

  /** As fast as the machine is, from now on. */
  void unlimited() {
    rate(0);
  }
}
