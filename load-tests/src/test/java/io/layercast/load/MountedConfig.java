package io.layercast.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A ConfigMap of {@code k8s/} in a folder, as kubelet mounts it. */
final class MountedConfig {
  private MountedConfig() {}

  /**
   * The one named {@code name}.
   *
   * @param elsewhere what a test has in another place than a pod
   */
  static Path of(Workplace workplace, String name, Map<String, String> elsewhere)
      throws IOException {
    Path folder = workplace.folder("config-" + name);
    Path file = Stack.Plan.home().resolve("k8s").resolve(name + ".yaml");
    YAMLMapper yaml = new YAMLMapper();
    try (var objects = yaml.readerFor(JsonNode.class).<JsonNode>readValues(file.toFile())) {
      while (objects.hasNext()) {
        JsonNode object = objects.next();
        if (object.path("kind").asText().equals("ConfigMap")) {
          for (var entry : object.path("data").properties()) {
            String text = entry.getValue().asText();
            for (var other : elsewhere.entrySet()) {
              text = text.replace(other.getKey(), other.getValue());
            }
            Files.writeString(folder.resolve(entry.getKey()), text);
          }
        }
      }
    }
    return folder;
  }
}
