package io.layercast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OperationsDocTest {
  @Test
  void everyKey_isInOperations() throws IOException {
    String operations = Files.readString(Path.of("..", "docs", "operations.md"));
    assertThat(ConfigFactory.load().getConfig("layercast").entrySet())
        .extracting(entry -> "`layercast." + entry.getKey() + "`")
        .allSatisfy(key -> assertThat(operations).contains(key));
  }
}
