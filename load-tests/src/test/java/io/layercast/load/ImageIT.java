package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Our own image, made without any Docker engine, pulled through our own agent; the agent reads the
 * very file that Kubernetes would mount.
 */
@ExtendWith(OnFailureKeepLogs.class)
final class ImageIT {
  private static final String REPOSITORY = "platform/layercast";
  private static final String INDEX =
      "application/vnd.oci.image.index.v1+json,"
          + "application/vnd.docker.distribution.manifest.list.v2+json";

  @Test
  void image_isPushedPulledThroughUsAndRuns(Workplace workplace) throws Exception {
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace)
        .pushAll(DebianBase.make(workplace), DebianBase.TAG, registry.address(), "debian/java");

    String first = make(workplace, registry, "first");
    String again = make(workplace, registry, "again");

    assertThat(digest(first)).startsWith("sha256:").isEqualTo(digest(again));
    JsonNode index =
        new ObjectMapper()
            .readTree(
                Http.get(registry.url() + "/v2/" + REPOSITORY + "/manifests/first", "Accept", INDEX)
                    .text());
    assertThat(index.path("manifests"))
        .extracting(one -> one.at("/platform/architecture").asText())
        .containsExactly("amd64", "arm64");

    Stack stack =
        Stack.before(workplace, registry.url())
            .proxy()
            .agent("--config-folder", plain(workplace).toString())
            .start();
    Containerd containerd = Containerd.start(workplace, "containerd");
    String front = stack.agent(0).address();
    containerd.pull(front, REPOSITORY, "first");

    String[] version = {
      "java", "@/layercast/jvm/common.args", "@/layercast/jvm/main.args", "--version"
    };
    assertThat(containerd.run(front, REPOSITORY, "first", version))
        .contains("layercast ")
        .contains("Java 25");
  }

  /** With {@code layercast image}; what it printed. */
  private static String make(Workplace workplace, DockerRegistry registry, String tag)
      throws IOException {
    Path home = Stack.Plan.home();
    Path lib = home.resolve("k8s/target/dist/lib");
    assertThat(lib).as("packaged before this module").isDirectory();
    return workplace.run(
        "image-" + tag,
        Duration.ofMinutes(1),
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@" + home.resolve("bootstrap/src/main/jvm/common.args"),
            "-Xmx256m",
            "-Dlayercast.home=" + home,
            "-cp",
            lib.resolve("*").toString(),
            "io.layercast.image.Main",
            "--insecure",
            "--from",
            registry.address() + "/debian/java:" + DebianBase.TAG,
            "--to",
            registry.address() + "/" + REPOSITORY + ":" + tag,
            "--cache",
            workplace.folder("image-" + tag).toString()));
  }

  /** The agent's own, but for a proxy without TLS. */
  private static Path plain(Workplace workplace) throws IOException {
    return MountedConfig.of(
        workplace,
        "agent",
        Map.of("/etc/layercast-agent/ca.crt", "", "/etc/layercast-agent/agent.token", ""));
  }

  private static String digest(String printed) {
    String line = printed.strip().lines().reduce("", (_, last) -> last);
    return line.substring(line.indexOf('@') + 1);
  }
}
