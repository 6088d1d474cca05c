package io.layercast.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REPOSITORY = "platform/layercast";
  private static final String INDEX =
      "application/vnd.oci.image.index.v1+json,"
          + "application/vnd.docker.distribution.manifest.list.v2+json";

  @Test
  void image_isPushedPulledThroughUsAndRuns(Workplace workplace) throws Exception {
    DockerRegistry registry = DockerRegistry.start(workplace, "origin");
    new Skopeo(workplace)
        .pushAll(DebianBase.make(workplace), DebianBase.TAG, registry.address(), "debian/java");

    String bare = make(workplace, registry, "bare", "--without-start-up-cache");
    String again = make(workplace, registry, "again", "--without-start-up-cache");
    assertThat(digest(bare)).startsWith("sha256:").isEqualTo(digest(again));
    assertThat(make(workplace, registry, "first")).doesNotContain("no start-up cache");

    List<JsonNode> without = platforms(registry, "bare");
    List<JsonNode> images = platforms(registry, "first");
    assertThat(without).extracting(ImageIT::layers).containsExactly(3, 3);
    boolean isAmd64 = System.getProperty("os.arch").equals("amd64");
    assertThat(images)
        .extracting(ImageIT::layers)
        .containsExactly(isAmd64 ? 4 : 3, isAmd64 ? 3 : 4);
    assertThat(images.get(isAmd64 ? 1 : 0)).isEqualTo(without.get(isAmd64 ? 1 : 0));

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
    // With AOTMode=on a JVM that cannot use its start-up cache ends at once.
    for (String role : List.of("agent", "proxy")) {
      for (String mode : List.of("on", "off")) {
        long start = System.nanoTime();
        assertThat(containerd.run(front, REPOSITORY, "first", version(role, mode)))
            .contains("layercast ");
        System.out.printf(
            "%s --version, start-up cache %s: %.1f s%n",
            role, mode, (System.nanoTime() - start) / 1e9);
      }
    }
    System.out.printf(
        "the layer: %.1f MB%n",
        images.get(isAmd64 ? 0 : 1).path("layers").path(3).path("size").asLong() / 1e6);
  }

  private static String[] version(String role, String mode) {
    String flags = "@/layercast/jvm/" + role + ".args";
    return new String[] {
      "java",
      "@/layercast/jvm/common.args",
      flags,
      "-XX:AOTMode=" + mode,
      "@/layercast/jvm/main.args",
      "--version"
    };
  }

  /** The manifests of an index, amd64's first. */
  private static List<JsonNode> platforms(DockerRegistry registry, String tag) throws IOException {
    String manifests = registry.url() + "/v2/" + REPOSITORY + "/manifests/";
    JsonNode index = JSON.readTree(Http.get(manifests + tag, "Accept", INDEX).text());
    List<JsonNode> images = new ArrayList<>();
    for (String architecture : List.of("amd64", "arm64")) {
      JsonNode entry = index.path("manifests").path(images.size());
      assertThat(entry.at("/platform/architecture").asText()).isEqualTo(architecture);
      String digest = entry.path("digest").asText();
      String text = Http.get(manifests + digest, "Accept", entry.path("mediaType").asText()).text();
      assertThat(text.length()).isEqualTo(entry.path("size").asInt());
      images.add(JSON.readTree(text));
    }
    return images;
  }

  private static int layers(JsonNode manifest) {
    return manifest.path("layers").size();
  }

  /** With {@code layercast image}; what it printed. */
  private static String make(
      Workplace workplace, DockerRegistry registry, String tag, String... more) throws IOException {
    Path home = Stack.Plan.home();
    Path lib = home.resolve("k8s/target/dist/lib");
    assertThat(lib).as("packaged before this module").isDirectory();
    List<String> command =
        new ArrayList<>(
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
    command.addAll(List.of(more));
    return workplace.run("image-" + tag, Duration.ofMinutes(5), command);
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
