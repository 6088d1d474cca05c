package io.layercast.bootstrap;

import io.layercast.bootstrap.kube.ClusterSecrets;
import io.layercast.bootstrap.kube.NamedSecret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code layercast keys}: the Job of the manifests. */
@Command(
    name = "keys",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Fill the Kubernetes Secrets of an installation with what they lack.")
final class KeysCommand implements Callable<Integer> {
  @Option(
      names = "--cluster",
      required = true,
      paramLabel = "SECRET",
      description = "For the key that proxies and trackers share.")
  private String cluster = "";

  @Option(
      names = "--authority",
      required = true,
      paramLabel = "SECRET",
      description = "For the authority of their certificate, which nobody mounts.")
  private String authority = "";

  @Option(
      names = "--tls",
      required = true,
      paramLabel = "SECRET",
      description = "For their certificate.")
  private String tls = "";

  @Option(
      names = "--agent",
      required = true,
      paramLabel = "SECRET",
      description = "For what agents show and trust.")
  private String agent = "";

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "A name in the certificate; may be given more than once.")
  private List<String> names = List.of();

  @Option(
      names = "--account",
      paramLabel = "DIR",
      defaultValue = "/var/run/secrets/kubernetes.io/serviceaccount",
      description = "Where the service account's token, ca.crt and namespace are.")
  private Path account = Path.of("");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, String> environment = System.getenv();
    try (NamedSecret clusterSecret = NamedSecret.inCluster(environment, account, cluster);
        NamedSecret authoritySecret = NamedSecret.inCluster(environment, account, authority);
        NamedSecret tlsSecret = NamedSecret.inCluster(environment, account, tls);
        NamedSecret agentSecret = NamedSecret.inCluster(environment, account, agent)) {
      new ClusterSecrets(clusterSecret, authoritySecret, tlsSecret, agentSecret).fill(names);
    }
    spec.commandLine()
        .getOut()
        .println("Secrets %s, %s and %s are whole".formatted(cluster, tls, agent));
    return 0;
  }
}
