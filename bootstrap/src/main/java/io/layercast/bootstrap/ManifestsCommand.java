package io.layercast.bootstrap;

import io.layercast.bootstrap.kube.Installation;
import io.layercast.bootstrap.kube.Manifests;
import io.layercast.bootstrap.node.DataSize;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code layercast manifests}. */
@Command(
    name = "manifests",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Print the Kubernetes manifests of k8s/ with your values put in:",
      "layercast manifests --image ... --origin ... | kubectl apply -f -"
    })
final class ManifestsCommand implements Callable<Integer> {
  @Option(
      names = "--image",
      required = true,
      paramLabel = "IMAGE",
      description = "Layercast's own image, as 'layercast image --to' pushed it.")
  private String image = "";

  @Option(
      names = "--origin",
      required = true,
      paramLabel = "DOMAIN|URL",
      description = "The registry to accelerate, for example registry.example.com.")
  private String origin = "";

  @Option(
      names = "--download-rate",
      paramLabel = "RATE",
      description = "Layer bytes a node takes in, for example 100MB/s; 0 is unlimited.")
  private Optional<String> downloadRate = Optional.empty();

  @Option(
      names = "--upload-rate",
      paramLabel = "RATE",
      description = "Layer bytes a node gives to others, for example 100MB/s; 0 is unlimited.")
  private Optional<String> uploadRate = Optional.empty();

  @Option(
      names = "--proxies",
      paramLabel = "N",
      description = "How many proxies; as many nodes have the label proxy=p2p-proxy.")
  private Optional<Integer> proxies = Optional.empty();

  @Option(
      names = "--trackers",
      paramLabel = "N",
      description = "How many trackers; as many nodes have the label tracker=p2p-tracker.")
  private Optional<Integer> trackers = Optional.empty();

  @Option(
      names = "--node-range",
      paramLabel = "CIDR",
      description =
          "Addresses of the nodes, for network policies around proxies and trackers; repeat for"
              + " more. Without it there are none.")
  private List<String> nodeRanges = List.of();

  @Option(
      names = "--agents-list-pods",
      description =
          "Agents find proxies and trackers by the Kubernetes API instead of DNS; gives their"
              + " account the right to list the pods of the namespace.")
  private boolean agentsListPods;

  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description =
          "The folder of the nodes that p2p_agent_data and p2p_proxy_data are made in (default: /),"
              + " for example /var/lib/layercast where / is read-only.")
  private Optional<String> dataRoot = Optional.empty();

  @Option(
      names = "--image-pull-secret",
      paramLabel = "NAME",
      description = "The Secret in kube-system that --image is pulled with.")
  private Optional<String> imagePullSecret = Optional.empty();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    downloadRate.ifPresent(DataSize::parseRate);
    uploadRate.ifPresent(DataSize::parseRate);
    Installation installation =
        new Installation(
            image,
            origin,
            downloadRate,
            uploadRate,
            proxies,
            trackers,
            nodeRanges,
            agentsListPods,
            dataRoot,
            imagePullSecret);
    spec.commandLine().getOut().print(Manifests.of(installation));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
