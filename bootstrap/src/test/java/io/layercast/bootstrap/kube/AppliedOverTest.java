package io.layercast.bootstrap.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is applied over an older installation changes nothing that an API server lets nobody change,
 * and leaves nothing behind but a Job that has done its work and goes by itself.
 */
class AppliedOverTest {
  /** By kind, as the API server's validation of updates has it (pkg/apis/…/validation). */
  private static final Map<String, List<String>> FIXED =
      Map.of(
          "DaemonSet", List.of("/spec/selector"),
          "Deployment", List.of("/spec/selector"),
          "Job", List.of("/spec/selector", "/spec/completions", "/spec/template"),
          "RoleBinding", List.of("/roleRef"),
          "Secret", List.of("/type"),
          "Service", List.of("/spec/clusterIP", "/spec/clusterIPs"));

  /** In the file that the tests of two landings side by side read too. */
  private static final Path PREVIOUS =
      Path.of("..", "load-tests", "src", "test", "resources", "previous-landing");

  @TempDir Path folder;

  @Test
  void thisVersion_overThePreviousLanding() throws Exception {
    String commit = Files.readString(PREVIOUS).strip();
    assumeTrue(
        run("git", "cat-file", "-e", commit + "^{commit}") == 0,
        "this clone's history has no commit " + commit + ", the previous landing");
    Path tar = folder.resolve("k8s.tar");
    assertThat(run("git", "-C", "..", "archive", "--output=" + tar, commit, "k8s")).isZero();
    assertThat(run("tar", "-C", folder.toString(), "-xf", tar.toString())).isZero();

    List<ObjectNode> older = ManifestFiles.inFolder(folder.resolve("k8s"));

    assertThat(older).isNotEmpty();
    assertThat(inTheWay(older, ManifestFiles.applied())).isEmpty();
  }

  @Test
  void printedManifests_overOthers() throws IOException {
    List<ObjectNode> one = printed("registry.example.com/layercast:0.1.0", false);
    List<ObjectNode> another = printed("registry.internal.example/p/layercast:0.2.0", true);

    assertThat(inTheWay(one, one)).isEmpty();
    assertThat(inTheWay(one, another)).isEmpty();
    assertThat(inTheWay(ManifestFiles.applied(), another)).isEmpty();
  }

  /** The check itself: that it sees what the API server would refuse. */
  @Test
  void anotherImageUnderTheSameJobsName_isInTheWay() throws IOException {
    List<ObjectNode> edited = ManifestFiles.applied();
    for (ObjectNode object : edited) {
      if (object.path("kind").asText().equals("Job")) {
        ((ObjectNode) object.at("/spec/template/spec/containers/0")).put("image", "another");
      }
    }
    edited.removeIf(object -> object.path("kind").asText().equals("Service"));

    assertThat(inTheWay(ManifestFiles.applied(), edited))
        .containsExactlyInAnyOrder(
            "Job/p2p-keys-0-1-0 changes /spec/template",
            "Service/p2p-proxy is left behind",
            "Service/p2p-tracker is left behind");
  }

  private static List<String> inTheWay(List<ObjectNode> older, List<ObjectNode> newer) {
    Map<String, ObjectNode> byName =
        newer.stream().collect(Collectors.toMap(AppliedOverTest::nameOf, Function.identity()));
    List<String> found = new ArrayList<>();
    for (ObjectNode old : older) {
      String name = nameOf(old);
      String kind = old.path("kind").asText();
      ObjectNode now = byName.get(name);
      if (now != null) {
        FIXED.getOrDefault(kind, List.of()).stream()
            .filter(field -> !old.at(field).equals(now.at(field)))
            .forEach(field -> found.add(name + " changes " + field));
      } else if (!kind.equals("Job")) {
        found.add(name + " is left behind");
      }
    }
    return found;
  }

  private static String nameOf(ObjectNode object) {
    return object.path("kind").asText() + "/" + object.at("/metadata/name").asText();
  }

  private static List<ObjectNode> printed(String image, boolean agentsListPods) throws IOException {
    return ManifestFiles.parse(
        Manifests.of(
            new Installation(
                image,
                "registry.example.com",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                agentsListPods,
                Optional.empty(),
                Optional.empty())));
  }

  private int run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out.txt").toFile())
            .start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    assertThat(ended).as(String.join(" ", command)).isTrue();
    return process.exitValue();
  }
}
