package io.layercast.bootstrap.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The shape that users of the add-on know, and what a security review asks for. */
class ManifestFilesTest {
  private static InstalledObjects objects = new InstalledObjects(List.of());

  @BeforeAll
  static void read() throws IOException {
    objects = new InstalledObjects(ManifestFiles.strictly(ManifestFiles.applied()));
  }

  @Test
  void strictModel_refusesAFieldItDoesNotKnow() throws IOException {
    ObjectNode agent =
        ManifestFiles.parse(
                """
                apiVersion: v1
                kind: Service
                metadata: {name: s}
                spec: {selectors: {app: a}}
                """)
            .getFirst();
    assertThatThrownBy(() -> StrictModel.read(agent)).hasMessageContaining("selectors");
  }

  @Test
  void everyFile_isKubernetesAndInTheRightNamespace() throws IOException {
    List<HasMetadata> all =
        ManifestFiles.strictly(ManifestFiles.inFolder(Path.of("..", "k8s", "network-policy")));
    assertThat(all).hasSize(2);
    assertThat(objects.all())
        .allMatch(object -> object.getMetadata().getNamespace().equals("kube-system"));
  }

  @Test
  void objects_areTheAddOns() {
    assertThat(names(DaemonSet.class)).containsExactly("p2p-agent");
    assertThat(names(Deployment.class)).containsExactly("p2p-proxy", "p2p-tracker");
    assertThat(names(Service.class)).containsExactly("p2p-proxy", "p2p-tracker");
    assertThat(names(ConfigMap.class)).containsExactly("agent", "proxy", "tracker");
    assertThat(names(PodDisruptionBudget.class)).containsExactly("p2p-proxy", "p2p-tracker");
    assertThat(names(ServiceAccount.class))
        .containsExactly("p2p-agent", "p2p-keys", "p2p-proxy", "p2p-tracker");
    assertThat(objects.each(PodDisruptionBudget.class))
        .allMatch(budget -> budget.getSpec().getMaxUnavailable().getIntVal() == 1);
  }

  @Test
  void nodes_areChosenByTheAddOnsLabels() {
    assertThat(spec("p2p-proxy").getNodeSelector()).containsEntry("proxy", "p2p-proxy");
    assertThat(spec("p2p-tracker").getNodeSelector()).containsEntry("tracker", "p2p-tracker");
    assertThat(spec("p2p-agent").getTolerations())
        .singleElement()
        .matches(
            toleration -> "Exists".equals(toleration.getOperator()) && toleration.getKey() == null);
  }

  @Test
  void resources_areTheAddOns() {
    checkResources("p2p-agent", "0.2", "0.2G", "4", "2G");
    checkResources("p2p-proxy", "0.5", "0.5G", "4", "4G");
    checkResources("p2p-tracker", "0.5", "0.5G", "2", "4G");
  }

  private static void checkResources(
      String workload, String cpu, String memory, String cpuLimit, String memoryLimit) {
    var resources = main(workload).getResources();
    assertThat(amounts(resources.getRequests())).isEqualTo(amounts(cpu, memory));
    assertThat(amounts(resources.getLimits())).isEqualTo(amounts(cpuLimit, memoryLimit));
  }

  private static Map<String, Double> amounts(Map<String, Quantity> quantities) {
    return quantities.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, one -> one.getValue().getNumericalAmount().doubleValue()));
  }

  private static Map<String, Double> amounts(String cpu, String memory) {
    return amounts(Map.of("cpu", Quantity.parse(cpu), "memory", Quantity.parse(memory)));
  }

  @Test
  void agent_isOnTheNodesNetworkAndPullsOnLoopback() {
    assertThat(spec("p2p-agent").getHostNetwork()).isTrue();
    assertThat(spec("p2p-agent").getDnsPolicy()).isEqualTo("ClusterFirstWithHostNet");
    assertThat(main("p2p-agent").getPorts())
        .filteredOn(port -> port.getContainerPort() == 5004)
        .singleElement()
        .matches(port -> port.getHostIP().equals("127.0.0.1"));
    assertThat(environment("p2p-agent"))
        .containsEntry("LAYERCAST_BOOTSTRAP_AGENT_PEER_ADDRESS", "[$(NODE_IP)]:6881");
    assertThat(main("p2p-proxy").getPorts()).anyMatch(port -> is(port.getHostPort(), 6882));
  }

  private static boolean is(Integer port, int expected) {
    return port != null && port == expected;
  }

  @Test
  void data_isInTheAddOnsFoldersOfTheNode() {
    assertThat(hostFolders("p2p-agent")).containsExactly("/p2p_agent_data");
    assertThat(hostFolders("p2p-proxy")).containsExactly("/p2p_proxy_data");
    assertThat(hostFolders("p2p-tracker")).isEmpty();
  }

  private static List<String> hostFolders(String workload) {
    return spec(workload).getVolumes().stream()
        .filter(volume -> volume.getHostPath() != null)
        .map(volume -> volume.getHostPath().getPath())
        .toList();
  }

  @Test
  void pods_haveNoMoreThanTheyNeed() {
    objects
        .pods()
        .forEach((workload, pod) -> {
          var security = pod.getSpec().getSecurityContext();
          assertThat(security.getRunAsNonRoot()).as(workload).isTrue();
          assertThat(security.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
          for (Container container : InstalledObjects.containers(pod)) {
            var own = container.getSecurityContext();
            assertThat(own.getReadOnlyRootFilesystem()).as(container.getName()).isTrue();
            assertThat(own.getAllowPrivilegeEscalation()).as(container.getName()).isFalse();
            assertThat(own.getPrivileged()).as(container.getName()).isNotEqualTo(true);
            assertThat(own.getCapabilities().getAdd()).as(container.getName()).isEmpty();
            assertThat(own.getCapabilities().getDrop()).as(container.getName()).isNotEmpty();
            assertThat(container.getVolumeMounts())
                .as(container.getName())
                .anyMatch(mount -> mount.getMountPath().equals("/tmp"));
          }
          for (Container container : pod.getSpec().getContainers()) {
            var own = container.getSecurityContext();
            assertThat(own.getCapabilities().getDrop()).containsExactly("ALL");
            assertThat(own.getRunAsUser()).as("the pod's user").isNull();
          }
        });
  }

  @Test
  void initContainers_onlyOwnTheDataFolder() {
    for (String workload : List.of("p2p-agent", "p2p-proxy")) {
      Container init = spec(workload).getInitContainers().getFirst();
      long user = spec(workload).getSecurityContext().getRunAsUser();
      long group = spec(workload).getSecurityContext().getRunAsGroup();
      assertThat(spec(workload).getInitContainers()).hasSize(1);
      assertThat(init.getArgs())
          .containsExactly(
              "own-folder",
              "--uid",
              "" + user,
              "--gid",
              "" + group,
              hostFolders(workload).getFirst());
      assertThat(init.getSecurityContext().getCapabilities().getDrop()).doesNotContain("CHOWN");
    }
  }

  @Test
  void rollouts_neverWaitForASecondPodOnANode() {
    var agents = objects.get(DaemonSet.class, "p2p-agent").getSpec().getUpdateStrategy();
    assertThat(agents.getRollingUpdate().getMaxSurge().getIntVal()).isZero();
    // A number of nodes, once as many are down, would hold up the roll-out for ever.
    assertThat(agents.getRollingUpdate().getMaxUnavailable().getStrVal()).isEqualTo("5%");
    for (Deployment deployment : objects.each(Deployment.class)) {
      var rollout = deployment.getSpec().getStrategy().getRollingUpdate();
      assertThat(rollout.getMaxSurge().getIntVal()).isZero();
      assertThat(rollout.getMaxUnavailable().getIntVal()).isEqualTo(1);
    }
  }

  @Test
  void configMaps_areMountedAsFolders() {
    for (String role : List.of("agent", "proxy", "tracker")) {
      Container container = main("p2p-" + role);
      assertThat(container.getArgs()).containsExactly(role, "--config-folder", "/etc/layercast");
      assertThat(container.getVolumeMounts())
          .filteredOn(mount -> mount.getMountPath().equals("/etc/layercast"))
          .singleElement()
          .matches(mount -> mount.getSubPath() == null);
    }
  }

  @Test
  void probes_askTheRolesThemselves() {
    for (String workload : List.of("p2p-agent", "p2p-proxy", "p2p-tracker")) {
      Container container = main(workload);
      assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/ready");
      assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/alive");
      assertThat(container.getStartupProbe().getHttpGet().getPath()).isEqualTo("/alive");
      assertThat(spec(workload).getTerminationGracePeriodSeconds()).isBetween(15L, 30L);
    }
  }

  @Test
  void rights_areToReadPodsHereAndOurSecrets() {
    assertThat(rules("p2p-pod-reader"))
        .singleElement()
        .matches(rule ->
            rule.getResources().equals(List.of("pods"))
                && rule.getVerbs().equals(List.of("get", "list", "watch")));
    assertThat(rules("p2p-keys"))
        .singleElement()
        .matches(rule ->
            rule.getResources().equals(List.of("secrets"))
                && rule.getResourceNames()
                    .equals(List.of("p2p-cluster", "p2p-authority", "p2p-tls", "p2p-agent"))
                && rule.getVerbs().equals(List.of("get", "patch")));
    assertThat(spec("p2p-agent").getAutomountServiceAccountToken()).isFalse();
    assertThat(objects.all()).noneMatch(object -> object.getKind().startsWith("Cluster"));
  }

  private static List<PolicyRule> rules(String role) {
    return objects.get(Role.class, role).getRules();
  }

  /** Applying again must not take the key away, nor meet a Job of another content. */
  @Test
  void secretAndJob_canBeAppliedAgain() throws IOException {
    assertThat(names(Secret.class))
        .containsExactly("p2p-agent", "p2p-authority", "p2p-cluster", "p2p-tls");
    for (Secret secret : objects.each(Secret.class)) {
      assertThat(secret.getData()).isNullOrEmpty();
      assertThat(secret.getStringData()).isNullOrEmpty();
      assertThat(secret.getImmutable()).isNotEqualTo(true);
    }
    Job job = objects.each(Job.class).getFirst();
    assertThat(job.getMetadata().getName()).isEqualTo("p2p-keys-" + version().replace('.', '-'));
    assertThat(job.getSpec().getTtlSecondsAfterFinished()).isPositive();
  }

  @Test
  void images_areOneOfThisVersionAndNotFromUs() throws IOException {
    String expected = "registry.example.com/layercast:" + version();
    assertThat(
            objects.pods().values().stream()
                .flatMap(pod -> InstalledObjects.containers(pod).stream()))
        .allMatch(container -> container.getImage().equals(expected));
  }

  private static String version() throws IOException {
    try (InputStream in =
        ManifestFilesTest.class.getResourceAsStream("/io/layercast/bootstrap/version.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    }
  }

  /** The authority's key could make members of anybody. */
  @Test
  void secrets_areMountedWhereTheyAreUsed() {
    assertThat(secretsOf("p2p-agent")).containsExactly("p2p-agent");
    assertThat(secretsOf("p2p-proxy")).containsExactly("p2p-cluster", "p2p-tls");
    assertThat(secretsOf("p2p-tracker")).containsExactly("p2p-cluster", "p2p-tls");
    assertThat(secretsOf(objects.each(Job.class).getFirst().getMetadata().getName())).isEmpty();
  }

  private static List<String> secretsOf(String workload) {
    return spec(workload).getVolumes().stream()
        .flatMap(ManifestFilesTest::secretsOf)
        .distinct()
        .sorted()
        .toList();
  }

  private static Stream<String> secretsOf(Volume volume) {
    if (volume.getProjected() != null) {
      return volume.getProjected().getSources().stream().map(one -> one.getSecret().getName());
    }
    return Optional.ofNullable(volume.getSecret()).map(one -> one.getSecretName()).stream();
  }

  private static <T extends HasMetadata> List<String> names(Class<T> type) {
    return objects.each(type).stream().map(one -> one.getMetadata().getName()).sorted().toList();
  }

  private static PodSpec spec(String workload) {
    return objects.pod(workload).getSpec();
  }

  private static Container main(String workload) {
    return spec(workload).getContainers().getFirst();
  }

  private static Map<String, String> environment(String workload) {
    return main(workload).getEnv().stream()
        .filter(variable -> variable.getValue() != null)
        .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
  }
}
