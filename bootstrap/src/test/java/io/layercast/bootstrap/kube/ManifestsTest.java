package io.layercast.bootstrap.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {
  private static final String IMAGE = "registry.internal.example:5443/p/layercast:0.2.0";

  @Test
  void of_changesNothingButTheJobsNameWhenGivenWhatStandsThere() throws IOException {
    List<ObjectNode> expected = ManifestFiles.applied();
    expected.stream()
        .filter(object -> object.path("kind").asText().equals("Job"))
        .forEach(job -> ((ObjectNode) job.path("metadata")).remove("name"));

    List<ObjectNode> printed =
        print(installation("registry.example.com/layercast:0.1.0", "registry.example.com"));

    printed.stream()
        .filter(object -> object.path("kind").asText().equals("Job"))
        .forEach(job -> ((ObjectNode) job.path("metadata")).remove("name"));
    assertThat(printed).containsExactlyElementsOf(expected);
  }

  @Test
  void of_putsEveryValueWhereItBelongs() throws IOException {
    InstalledObjects objects =
        new InstalledObjects(
            ManifestFiles.strictly(
                print(
                    new Installation(
                        IMAGE,
                        "http://images.example:8080",
                        Optional.of("20MiB/s"),
                        Optional.of("0"),
                        Optional.of(5),
                        Optional.of(3),
                        List.of("10.1.0.0/16", "fd00::/64"),
                        true,
                        Optional.empty(),
                        Optional.empty()))));

    assertThat(
            objects.pods().values().stream()
                .flatMap(pod -> InstalledObjects.containers(pod).stream()))
        .hasSize(6)
        .allMatch(container -> container.getImage().equals(IMAGE));
    assertThat(conf(objects, "agent").getString("downloadRate")).isEqualTo("20MiB/s");
    assertThat(conf(objects, "agent").getString("uploadRate")).isEqualTo("0");
    assertThat(conf(objects, "proxy").getString("layercast.registry.origin.url"))
        .isEqualTo("http://images.example:8080");
    assertThat(objects.get(Deployment.class, "p2p-proxy").getSpec().getReplicas()).isEqualTo(5);
    assertThat(objects.get(Deployment.class, "p2p-tracker").getSpec().getReplicas()).isEqualTo(3);
    for (NetworkPolicy policy : objects.each(NetworkPolicy.class)) {
      assertThat(policy.getSpec().getIngress().getFirst().getFrom())
          .extracting(from -> from.getIpBlock().getCidr())
          .containsExactly("10.1.0.0/16", "fd00::/64");
      assertThat(policy.getSpec().getIngress().get(1).getFrom()).hasSize(1);
    }
    assertThat(objects.each(NetworkPolicy.class)).hasSize(2);
    assertThat(conf(objects, "agent").getString("layercast.bootstrap.agent.discovery"))
        .isEqualTo("kubernetes-api");
    assertThat(objects.pod("p2p-agent").getSpec().getAutomountServiceAccountToken()).isTrue();
    assertThat(objects.get(Role.class, "p2p-agent-pods").getRules())
        .singleElement()
        .matches(rule ->
            rule.getResources().equals(List.of("pods")) && rule.getVerbs().equals(List.of("list")));
  }

  @Test
  void of_keepsTheCommentsInTheConfiguration() throws IOException {
    InstalledObjects objects =
        new InstalledObjects(ManifestFiles.strictly(print(installation(IMAGE, "a.example"))));

    assertThat(objects.get(ConfigMap.class, "agent").getData().get("layercast.conf"))
        .contains("# Layer bytes per second that enter a node");
  }

  @Test
  void job_hasAnotherNameWhenItsContentIsAnother() throws IOException {
    String first = jobName(installation(IMAGE, "a.example"));

    assertThat(jobName(installation(IMAGE, "b.example"))).isEqualTo(first);
    assertThat(jobName(installation(IMAGE + "-rc1", "a.example"))).isNotEqualTo(first);
  }

  @Test
  void dataRoot_movesTheFoldersOfTheNodesOnly() throws IOException {
    InstalledObjects plain =
        new InstalledObjects(ManifestFiles.strictly(print(installation(IMAGE, "a.example"))));
    InstalledObjects moved =
        new InstalledObjects(
            ManifestFiles.strictly(
                print(
                    installation(
                        IMAGE, "a.example", Optional.of("/var/lib/layercast"), Optional.empty()))));

    assertThat(dataFolder(moved, "p2p-agent")).isEqualTo("/var/lib/layercast/p2p_agent_data");
    assertThat(dataFolder(moved, "p2p-proxy")).isEqualTo("/var/lib/layercast/p2p_proxy_data");
    for (String workload : List.of("p2p-agent", "p2p-proxy")) {
      assertThat(moved.pod(workload).getSpec().getContainers())
          .isEqualTo(plain.pod(workload).getSpec().getContainers());
      assertThat(moved.pod(workload).getSpec().getInitContainers())
          .isEqualTo(plain.pod(workload).getSpec().getInitContainers());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/", "var/lib", "/var/lib/", "/var/../etc", "/var//lib", "/a b", "/a\n"})
  void dataRoot_isAnAbsolutePath(String root) {
    assertThatThrownBy(() -> installation(IMAGE, "a.example", Optional.of(root), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--data-root '" + root + "'");
  }

  @Test
  void imagePullSecret_isThatOfEveryAccount() throws IOException {
    InstalledObjects objects =
        new InstalledObjects(
            ManifestFiles.strictly(
                print(installation(IMAGE, "a.example", Optional.empty(), Optional.of("pull")))));

    assertThat(objects.pods().values())
        .extracting(pod -> pod.getSpec().getServiceAccountName())
        .containsExactlyInAnyOrder("p2p-agent", "p2p-proxy", "p2p-tracker", "p2p-keys")
        .allSatisfy(account ->
            assertThat(objects.get(ServiceAccount.class, account).getImagePullSecrets())
                .singleElement()
                .matches(secret -> secret.getName().equals("pull")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Pull", "a/b", "-a", "a..b", "a\n"})
  void imagePullSecret_isASecretsName(String name) {
    assertThatThrownBy(() -> installation(IMAGE, "a.example", Optional.empty(), Optional.of(name)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--image-pull-secret '" + name + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "registry.example.com, https://registry.example.com",
    "registry.example.com:5000, https://registry.example.com:5000",
    "https://registry.example.com/, https://registry.example.com",
    "HTTP://r:80, http://r:80"
  })
  void origin_isADomainOrAUrl(String given, String url) {
    assertThat(installation(IMAGE, given).origin()).isEqualTo(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "https://",
        "ftp://a.example",
        "https://u:p@a.example",
        "a.example/path",
        "a b"
      })
  void origin_isNothingElse(String given) {
    assertThatThrownBy(() -> installation(IMAGE, given))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--origin '" + given + "'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:5004/layercast:1",
        "127.0.0.1:5004/l",
        "[::1]:5004/l",
        "",
        "UPPER",
        "a:b:c",
        "a b"
      })
  void image_isAnImagesNameAndNotPulledThroughUs(String image) {
    assertThatThrownBy(() -> installation(image, "a.example"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--image '" + image + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0", "10.0.0.0/33", "fd00::/129", "nodes/8", "/8", "10.0.0.0/-1"})
  void nodeRange_isACidr(String range) {
    assertThatThrownBy(() ->
            new Installation(
                IMAGE,
                "a.example",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(range),
                false,
                Optional.empty(),
                Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void replicas_areAtLeastOne() {
    assertThatThrownBy(() ->
            new Installation(
                IMAGE,
                "a.example",
                Optional.empty(),
                Optional.empty(),
                Optional.of(0),
                Optional.empty(),
                List.of(),
                false,
                Optional.empty(),
                Optional.empty()))
        .hasMessageContaining("--proxies");
  }

  private static Installation installation(String image, String origin) {
    return installation(image, origin, Optional.empty(), Optional.empty());
  }

  private static Installation installation(
      String image, String origin, Optional<String> dataRoot, Optional<String> pullSecret) {
    return new Installation(
        image,
        origin,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        false,
        dataRoot,
        pullSecret);
  }

  private static List<ObjectNode> print(Installation installation) throws IOException {
    return ManifestFiles.parse(Manifests.of(installation));
  }

  private static String jobName(Installation installation) throws IOException {
    return new InstalledObjects(ManifestFiles.strictly(print(installation)))
        .each(Job.class)
        .getFirst()
        .getMetadata()
        .getName();
  }

  private static String dataFolder(InstalledObjects objects, String workload) {
    return objects.pod(workload).getSpec().getVolumes().stream()
        .filter(volume -> volume.getHostPath() != null)
        .map(volume -> volume.getHostPath().getPath())
        .findFirst()
        .orElseThrow();
  }

  private static Config conf(InstalledObjects objects, String map) {
    return ConfigFactory.parseString(
        objects.get(ConfigMap.class, map).getData().get("layercast.conf"));
  }
}
