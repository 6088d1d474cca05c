package io.layercast.bootstrap.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A temporary folder that {@link #close} removes with all it holds. */
record DemoFolder(Path path) implements AutoCloseable {
  static DemoFolder create() throws IOException {
    return new DemoFolder(Files.createTempDirectory("layercast-demo-"));
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path entry : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    }
  }
}
