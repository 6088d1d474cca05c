package io.layercast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every key that bootstrap's reference.conf explains is named in its code. That the settings need
 * each of theirs is BootstrapSettingsTest's; this finds the key that nobody took over.
 */
class ReferenceKeysTest {
  private static final Path HERE = Path.of("src", "main");

  @Test
  void everyKey_isNamedInTheCode() throws IOException {
    Config own =
        ConfigFactory.parseFile(HERE.resolve("resources/reference.conf").toFile())
            .getConfig("layercast.bootstrap");
    String code = code();
    List<String> unread =
        own.entrySet().stream()
            .map(entry -> entry.getKey())
            .filter(key -> !code.contains("\"" + key.substring(key.lastIndexOf('.') + 1) + "\""))
            .filter(key -> !code.contains("layercast.bootstrap." + key + "\""))
            .toList();
    assertThat(own.entrySet()).isNotEmpty();
    assertThat(unread).isEmpty();
  }

  private static String code() throws IOException {
    StringBuilder code = new StringBuilder();
    try (Stream<Path> files = Files.walk(HERE.resolve("java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        code.append(Files.readString(file));
      }
    }
    return code.toString();
  }
}
