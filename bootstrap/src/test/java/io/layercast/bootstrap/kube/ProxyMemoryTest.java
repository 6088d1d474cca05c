package io.layercast.bootstrap.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The heap of a proxy between what its connections take and what its pod may. */
class ProxyMemoryTest {
  /** Akka's TLS buffers, 91.5 KB, with the engine, the request and the streams around them. */
  private static final long CONNECTION_BYTES = 150_000;

  /** Code, classes, stacks, the collector's own. */
  private static final long NATIVE_BYTES = 512L << 20;

  @Test
  void heap_holdsAllConnectionsTwiceAndFitsIntoThePod() throws IOException {
    long heap = mebibytes("-Xmx") << 20;
    long connections =
        ConfigFactory.defaultReference().getInt("layercast.registry.server.max-connections");
    Quantity limit =
        new InstalledObjects(ManifestFiles.strictly(ManifestFiles.applied()))
            .pod("p2p-proxy")
            .getSpec()
            .getContainers()
            .getFirst()
            .getResources()
            .getLimits()
            .get("memory");

    assertThat(heap).isGreaterThan(2 * connections * CONNECTION_BYTES);
    assertThat(heap + (mebibytes("-XX:MaxDirectMemorySize=") << 20) + NATIVE_BYTES)
        .isLessThan(Quantity.getAmountInBytes(limit).longValueExact());
  }

  private static long mebibytes(String option) throws IOException {
    return Files.readAllLines(Path.of("src", "main", "jvm", "proxy.args")).stream()
        .filter(line -> line.startsWith(option))
        .map(line -> line.substring(option.length(), line.length() - 1))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow();
  }
}
