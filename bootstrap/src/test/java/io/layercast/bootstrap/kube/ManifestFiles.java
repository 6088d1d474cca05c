package io.layercast.bootstrap.kube;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The files in {@code k8s/} as kubectl reads them. */
final class ManifestFiles {
  /** Tests run in the module's folder. */
  static final Path FOLDER = Path.of("..", "k8s");

  private static final YAMLMapper YAML = new YAMLMapper();

  private ManifestFiles() {}

  /** What {@code kubectl apply -f k8s/} reads: .json, .yaml and .yml of the folder itself. */
  static List<ObjectNode> applied() throws IOException {
    return inFolder(FOLDER);
  }

  static List<ObjectNode> inFolder(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> file.toString().matches(".*\\.(json|ya?ml)")).sorted().toList();
    }
    List<ObjectNode> objects = new ArrayList<>();
    for (Path file : files) {
      objects.addAll(parse(Files.readString(file)));
    }
    return objects;
  }

  static List<ObjectNode> parse(String text) throws IOException {
    try (MappingIterator<ObjectNode> all = YAML.readerFor(ObjectNode.class).readValues(text)) {
      return all.readAll();
    }
  }

  static List<HasMetadata> strictly(List<ObjectNode> objects) throws IOException {
    List<HasMetadata> read = new ArrayList<>();
    for (ObjectNode object : objects) {
      read.add(StrictModel.read(object));
    }
    return read;
  }
}
