package io.layercast.bootstrap.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What one manifest names in another is there. */
class CrossReferencesTest {
  /** What the Job puts into each Secret that is mounted; see ClusterSecrets. */
  private static final Map<String, List<String>> FILLED =
      Map.of(
          "p2p-cluster", List.of("cluster.key"),
          "p2p-tls", List.of("tls.crt", "tls.key", "ca.crt"),
          "p2p-agent", List.of("ca.crt", "agent.token"));

  private static InstalledObjects objects = new InstalledObjects(List.of());

  @BeforeAll
  static void read() throws IOException {
    List<HasMetadata> all = new ArrayList<>(ManifestFiles.strictly(ManifestFiles.applied()));
    for (String folder : List.of("network-policy", "agent-discovery")) {
      all.addAll(ManifestFiles.strictly(ManifestFiles.inFolder(Path.of("..", "k8s", folder))));
    }
    objects = new InstalledObjects(all);
  }

  @Test
  void selectors_chooseTheirOwnPods() {
    for (DaemonSet set : objects.each(DaemonSet.class)) {
      assertThat(set.getSpec().getTemplate().getMetadata().getLabels())
          .containsAllEntriesOf(set.getSpec().getSelector().getMatchLabels());
    }
    for (Deployment deployment : objects.each(Deployment.class)) {
      assertThat(deployment.getSpec().getTemplate().getMetadata().getLabels())
          .containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels());
    }
    for (Service service : objects.each(Service.class)) {
      assertThat(chosenBy(service.getSpec().getSelector())).containsExactly(nameOf(service));
    }
    for (PodDisruptionBudget budget : objects.each(PodDisruptionBudget.class)) {
      assertThat(chosenBy(budget.getSpec().getSelector().getMatchLabels()))
          .containsExactly(nameOf(budget));
    }
  }

  @Test
  void networkPolicies_letInExactlyThePortsOfTheirPods() {
    for (NetworkPolicy policy : objects.each(NetworkPolicy.class)) {
      assertThat(chosenBy(policy.getSpec().getPodSelector().getMatchLabels()))
          .containsExactly(nameOf(policy));
      Set<Integer> open =
          policy.getSpec().getIngress().stream()
              .flatMap(rule -> rule.getPorts().stream())
              .map(port -> port.getPort().getIntVal())
              .collect(Collectors.toSet());
      assertThat(open).isEqualTo(Set.copyOf(ports(nameOf(policy)).values()));
      policy.getSpec().getIngress().stream()
          .flatMap(rule -> rule.getFrom().stream())
          .filter(from -> from.getPodSelector() != null)
          .forEach(from ->
              assertThat(chosenBy(from.getPodSelector().getMatchLabels()))
                  .containsExactlyInAnyOrder("p2p-proxy", "p2p-tracker"));
    }
  }

  @Test
  void clusterLabel_isTheOneThatMembersLookFor() {
    Config reference = ConfigFactory.defaultReference();
    String[] selector =
        reference.getString("layercast.bootstrap.kubernetes.pod-selector").split("=", 2);
    assertThat(chosenBy(Map.of(selector[0], selector[1])))
        .containsExactlyInAnyOrder("p2p-proxy", "p2p-tracker");
  }

  @Test
  void ports_areNamedOnThePod() {
    for (Service service : objects.each(Service.class)) {
      for (ServicePort port : service.getSpec().getPorts()) {
        assertThat(ports(nameOf(service)))
            .containsEntry(port.getTargetPort().getStrVal(), port.getPort());
      }
    }
    objects
        .pods()
        .forEach((workload, pod) ->
            pod.getSpec().getContainers().stream()
                .flatMap(CrossReferencesTest::probes)
                .map(Probe::getHttpGet)
                .map(HTTPGetAction::getPort)
                .forEach(port -> assertThat(ports(workload)).containsKey(port.getStrVal())));
  }

  @Test
  void volumes_areDeclaredUsedAndFilled() {
    objects
        .pods()
        .forEach((workload, pod) -> {
          Set<String> declared =
              pod.getSpec().getVolumes().stream().map(Volume::getName).collect(Collectors.toSet());
          Set<String> mounted =
              InstalledObjects.containers(pod).stream()
                  .flatMap(container -> container.getVolumeMounts().stream())
                  .map(mount -> mount.getName())
                  .collect(Collectors.toSet());
          assertThat(mounted).as(workload).isEqualTo(declared);
          pod.getSpec().getVolumes().forEach(CrossReferencesTest::checkSource);
        });
  }

  private static void checkSource(Volume volume) {
    if (volume.getConfigMap() != null) {
      ConfigMap map = objects.get(ConfigMap.class, volume.getConfigMap().getName());
      assertThat(map.getData()).containsOnlyKeys("layercast.conf");
    }
    if (volume.getSecret() != null) {
      var _ = objects.get(Secret.class, volume.getSecret().getSecretName());
      assertThat(volume.getSecret().getItems())
          .extracting(KeyToPath::getKey)
          .containsExactlyInAnyOrderElementsOf(FILLED.get(volume.getSecret().getSecretName()));
      assertThat(volume.getSecret().getItems())
          .allMatch(item -> item.getPath().equals(item.getKey()));
    }
    if (volume.getProjected() != null) {
      List<SecretProjection> keys =
          volume.getProjected().getSources().stream().map(VolumeProjection::getSecret).toList();
      assertThat(keys).extracting(SecretProjection::getName).containsOnly("p2p-cluster");
      assertThat(keys)
          .extracting(key -> List.of(key.getItems().getFirst().getPath(), isOptional(key)))
          .containsExactly(List.of("cluster.key", false), List.of("cluster.key.second", true));
      assertThat(keys)
          .flatExtracting(SecretProjection::getItems)
          .allMatch(item -> item.getPath().equals(item.getKey()));
    }
  }

  private static boolean isOptional(SecretProjection secret) {
    return Boolean.TRUE.equals(secret.getOptional());
  }

  @Test
  void configMaps_nameTheServices() {
    for (String role : List.of("agent", "proxy", "tracker")) {
      Config conf =
          ConfigFactory.parseString(
              objects.get(ConfigMap.class, role).getData().get("layercast.conf"));
      for (String key :
          List.of("layercast.registry.proxies.addresses", "layercast.tracker.client.addresses")) {
        if (conf.hasPath(key)) {
          conf.getStringList(key).forEach(CrossReferencesTest::checkService);
        }
      }
    }
  }

  @Test
  void configMaps_nameFilesThatAreMounted() {
    String cluster = "layercast.bootstrap.cluster.";
    String agent = "layercast.bootstrap.agent.credential-file";
    assertThat(secretAt("agent", agent, "/agent.token")).isEqualTo("p2p-agent");
    assertThat(secretAt("agent", "layercast.registry.proxies.ca-file", "/ca.crt"))
        .isEqualTo("p2p-agent");
    assertThat(secretAt("proxy", "layercast.registry.proxy-api.tls-folder", ""))
        .isEqualTo("p2p-tls");
    for (String role : List.of("proxy", "tracker")) {
      assertThat(secretAt(role, cluster + "key-file", "/cluster.key")).isEqualTo("p2p-cluster");
      assertThat(secretAt(role, cluster + "tls-folder", "")).isEqualTo("p2p-tls");
    }
  }

  @Test
  void certificate_isForTheNameThatAgentsExpect() {
    String expected =
        ConfigFactory.defaultReference().getString("layercast.registry.proxies.server-name");
    var job = objects.pod(objects.each(Job.class).getFirst().getMetadata().getName());
    assertThat(job.getSpec().getContainers().getFirst().getArgs())
        .contains("--name=" + expected, "--tls=p2p-tls", "--agent=p2p-agent");
  }

  @Test
  void certManagerExample_keepsTheCertificateThatTheJobMakes() throws IOException {
    Path file = ManifestFiles.FOLDER.resolve("example").resolve("cert-manager.yaml");
    List<ObjectNode> example = ManifestFiles.parse(Files.readString(file));
    assertThat(example)
        .extracting(object -> object.path("kind").asText())
        .containsExactly("Issuer", "Certificate");
    JsonNode issuer = example.getFirst();
    JsonNode certificate = example.getLast();
    List<String> job =
        objects
            .pod(objects.each(Job.class).getFirst().getMetadata().getName())
            .getSpec()
            .getContainers()
            .getFirst()
            .getArgs();

    assertThat(certificate.at("/spec/issuerRef/name")).isEqualTo(issuer.at("/metadata/name"));
    assertThat(job)
        .contains("--authority=" + issuer.at("/spec/ca/secretName").asText())
        .contains("--tls=" + certificate.at("/spec/secretName").asText());
    List<String> names = new ArrayList<>();
    certificate.at("/spec/dnsNames").forEach(name -> names.add("--name=" + name.asText()));
    assertThat(names).isEqualTo(job.stream().filter(arg -> arg.startsWith("--name=")).toList());
  }

  /** The Secret that is mounted where {@code role}'s key says, up to {@code file}. */
  private static String secretAt(String role, String key, String file) {
    String text = objects.get(ConfigMap.class, role).getData().get("layercast.conf");
    String path = ConfigFactory.parseString(text).getString(key);
    String volume =
        container(role).getVolumeMounts().stream()
            .filter(mount -> path.equals(mount.getMountPath() + file))
            .findFirst()
            .orElseThrow(() -> new AssertionError("nothing is mounted for " + key))
            .getName();
    Volume mounted =
        objects.pod("p2p-" + role).getSpec().getVolumes().stream()
            .filter(one -> one.getName().equals(volume))
            .findFirst()
            .orElseThrow();
    return mounted.getSecret() == null
        ? mounted.getProjected().getSources().getFirst().getSecret().getName()
        : mounted.getSecret().getSecretName();
  }

  /** By DNS the name is the Service's, by the Kubernetes API that of the pods. */
  private static void checkService(String address) {
    int colon = address.indexOf(':');
    String name = address.substring(0, colon);
    Service service = objects.get(Service.class, name);
    int port = Integer.parseInt(address.substring(colon + 1));
    assertThat(service.getSpec().getPorts()).anyMatch(one -> one.getPort() == port);
    assertThat(objects.pod(name).getMetadata().getLabels())
        .containsEntry("app.kubernetes.io/name", name);
  }

  @Test
  void rolesAndAccounts_areThere() {
    for (RoleBinding binding : objects.each(RoleBinding.class)) {
      var _ = objects.get(Role.class, binding.getRoleRef().getName());
      binding
          .getSubjects()
          .forEach(subject -> {
            var _ = objects.get(ServiceAccount.class, subject.getName());
          });
    }
    for (PodTemplateSpec pod : objects.pods().values()) {
      var _ = objects.get(ServiceAccount.class, pod.getSpec().getServiceAccountName());
    }
  }

  private static Container container(String role) {
    return objects.pod("p2p-" + role).getSpec().getContainers().getFirst();
  }

  private static List<String> chosenBy(Map<String, String> labels) {
    return objects.pods().entrySet().stream()
        .filter(pod ->
            pod.getValue().getMetadata().getLabels().entrySet().containsAll(labels.entrySet()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Map<String, Integer> ports(String workload) {
    return objects.pod(workload).getSpec().getContainers().getFirst().getPorts().stream()
        .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));
  }

  private static Stream<Probe> probes(Container container) {
    return Stream.of(
            container.getStartupProbe(),
            container.getLivenessProbe(),
            container.getReadinessProbe())
        .filter(probe -> probe != null);
  }

  private static String nameOf(HasMetadata object) {
    return object.getMetadata().getName();
  }
}
