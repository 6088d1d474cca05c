package io.layercast.bootstrap.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of an overlay, by kubectl itself. */
class KustomizeTest {
  @TempDir Path folder;

  @Test
  void example_buildsWithItsValues() throws Exception {
    assumeTrue(hasKubectl(), "kustomize is part of kubectl, and there is no kubectl on the PATH");

    InstalledObjects objects =
        new InstalledObjects(
            ManifestFiles.strictly(ManifestFiles.parse(kustomize(ManifestFiles.FOLDER))));

    assertThat(objects.all()).hasSameSizeAs(ManifestFiles.applied());
    assertThat(objects.get(Deployment.class, "p2p-proxy").getSpec().getReplicas()).isEqualTo(3);
    assertThat(objects.get(ConfigMap.class, "proxy").getData().get("layercast.conf"))
        .contains("https://images.internal.example");
    assertThat(objects.each(Job.class).getFirst().getMetadata().getName())
        .isEqualTo("p2p-keys-0-1-0-internal");
    assertThat(
            objects.pods().values().stream()
                .flatMap(pod -> InstalledObjects.containers(pod).stream()))
        .allMatch(container ->
            container.getImage().equals("registry.internal.example/platform/layercast:0.1.0"));
  }

  private static boolean hasKubectl() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(entry -> Files.isExecutable(Path.of(entry, "kubectl")));
  }

  private String kustomize(Path base) throws IOException, InterruptedException {
    Path out = folder.resolve("out.yaml");
    Path err = folder.resolve("err.txt");
    Process kubectl =
        new ProcessBuilder("kubectl", "kustomize", base.toString())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    boolean ended = kubectl.waitFor(60, TimeUnit.SECONDS);
    if (!ended) {
      kubectl.destroyForcibly().waitFor();
    }
    assertThat(ended && kubectl.exitValue() == 0)
        .as(Files.readString(err, StandardCharsets.UTF_8))
        .isTrue();
    return Files.readString(out, StandardCharsets.UTF_8);
  }
}
