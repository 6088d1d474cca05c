package io.layercast.bootstrap.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.parser.ConfigDocument;
import com.typesafe.config.parser.ConfigDocumentFactory;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The manifests of {@code k8s/}, which the jar has too, with an installation's values put in. */
public final class Manifests {
  private static final List<String> FILES =
      List.of("agent.yaml", "cluster.yaml", "proxy.yaml", "tracker.yaml");
  private static final List<String> NETWORK_POLICIES =
      List.of("network-policy/proxy.yaml", "network-policy/tracker.yaml");
  private static final List<String> AGENTS_RIGHTS = List.of("agent-discovery/rights.yaml");

  /** The file in each ConfigMap. */
  private static final String CONF = "layercast.conf";

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .build();

  private Manifests() {}

  /**
   * All of them as one YAML stream for {@code kubectl apply -f -}.
   *
   * @throws IOException when the jar lacks one
   */
  public static String of(Installation installation) throws IOException {
    StringBuilder text = new StringBuilder();
    for (ObjectNode object : objectsOf(installation)) {
      text.append(YAML.writeValueAsString(object));
    }
    return text.toString();
  }

  static List<ObjectNode> objectsOf(Installation installation) throws IOException {
    List<ObjectNode> objects = read(FILES);
    if (!installation.nodeRanges().isEmpty()) {
      objects.addAll(read(NETWORK_POLICIES));
    }
    if (installation.agentsListPods()) {
      objects.addAll(read(AGENTS_RIGHTS));
    }
    for (ObjectNode object : objects) {
      String name = object.at("/metadata/name").textValue();
      installation.dataRoot().ifPresent(root -> moveData(object, root));
      switch (object.path("kind").textValue()) {
        case "ConfigMap" -> configure(object, name, installation);
        case "Deployment" -> {
          setImage(object, installation.image());
          scale(
              object, name.equals("p2p-proxy") ? installation.proxies() : installation.trackers());
        }
        case "DaemonSet" -> {
          setImage(object, installation.image());
          if (installation.agentsListPods()) {
            mountToken(object);
          }
        }
        case "Job" -> {
          setImage(object, installation.image());
          nameByContent(object);
        }
        case "ServiceAccount" ->
            installation.imagePullSecret().ifPresent(secret -> pullWith(object, secret));
        case "NetworkPolicy" -> setRanges(object, installation.nodeRanges());
        default -> {
          // The same in every installation.
        }
      }
    }
    return objects;
  }

  private static List<ObjectNode> read(List<String> files) throws IOException {
    List<ObjectNode> objects = new ArrayList<>();
    for (String file : files) {
      try (InputStream in = Manifests.class.getResourceAsStream(file)) {
        if (in == null) {
          throw new FileNotFoundException("the jar has no " + file);
        }
        try (MappingIterator<ObjectNode> all = YAML.readerFor(ObjectNode.class).readValues(in)) {
          objects.addAll(all.readAll());
        }
      }
    }
    return objects;
  }

  private static void configure(ObjectNode map, String name, Installation installation) {
    ObjectNode data = (ObjectNode) map.path("data");
    ConfigDocument conf = ConfigDocumentFactory.parseString(data.path(CONF).textValue());
    if (name.equals("agent")) {
      conf = with(conf, "downloadRate", installation.downloadRate());
      conf = with(conf, "uploadRate", installation.uploadRate());
      if (installation.agentsListPods()) {
        conf = conf.withValueText("layercast.bootstrap.agent.discovery", "kubernetes-api");
      }
    }
    if (name.equals("proxy")) {
      conf =
          conf.withValue(
              "layercast.registry.origin.url",
              ConfigValueFactory.fromAnyRef(installation.origin()));
    }
    data.put(CONF, conf.render());
  }

  private static ConfigDocument with(ConfigDocument conf, String key, Optional<String> value) {
    return value.map(text -> conf.withValueText(key, text)).orElse(conf);
  }

  private static void setImage(ObjectNode workload, String image) {
    JsonNode pod = workload.at("/spec/template/spec");
    for (String list : List.of("initContainers", "containers")) {
      pod.path(list).forEach(container -> ((ObjectNode) container).put("image", image));
    }
  }

  /** The folder on the node only; what a container sees stays. */
  private static void moveData(ObjectNode workload, String root) {
    for (JsonNode volume : workload.at("/spec/template/spec/volumes")) {
      if (volume.path("hostPath") instanceof ObjectNode folder) {
        folder.put("path", root + folder.path("path").textValue());
      }
    }
  }

  /** Pods of the account that name no Secret themselves get this one. */
  private static void pullWith(ObjectNode account, String secret) {
    account.putArray("imagePullSecrets").addObject().put("name", secret);
  }

  private static void mountToken(ObjectNode workload) {
    ((ObjectNode) workload.at("/spec/template/spec")).put("automountServiceAccountToken", true);
  }

  private static void scale(ObjectNode deployment, Optional<Integer> replicas) {
    replicas.ifPresent(number -> ((ObjectNode) deployment.path("spec")).put("replicas", number));
  }

  /** A Job cannot be changed: another content is another Job. */
  private static void nameByContent(ObjectNode job) {
    byte[] content = job.path("spec").toString().getBytes(StandardCharsets.UTF_8);
    String hash = HexFormat.of().formatHex(sha256(content), 0, 5);
    ((ObjectNode) job.path("metadata")).put("name", "p2p-keys-" + hash);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void setRanges(ObjectNode policy, List<String> ranges) {
    for (JsonNode rule : policy.at("/spec/ingress")) {
      if (rule.at("/from/0").has("ipBlock")) {
        ArrayNode from = ((ObjectNode) rule).putArray("from");
        ranges.forEach(range -> from.addObject().putObject("ipBlock").put("cidr", range));
      }
    }
  }
}
