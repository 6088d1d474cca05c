package io.layercast.load;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * An image that {@link ImageMaker} made.
 *
 * @param layout its OCI layout folder
 * @param tag its only tag there
 */
record TestImage(Path layout, String tag, Blob manifest, Blob config, List<Blob> layers) {
  TestImage {
    layers = List.copyOf(layers);
  }

  /** The bytes of its config and layers. */
  long blobBytes() {
    return config.sizeBytes() + layers.stream().mapToLong(Blob::sizeBytes).sum();
  }

  /** Its config and layers. */
  List<Blob> blobs() {
    return Stream.concat(Stream.of(config), layers.stream()).toList();
  }

  Blob layer(int index) {
    return layers.get(index);
  }

  Path file(Blob blob) {
    return layout.resolve("blobs/sha256").resolve(blob.digest().substring("sha256:".length()));
  }
}
